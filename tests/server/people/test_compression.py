"""Pages are compressed when they are asked for by the person or by our own pages, and never for another site."""

from __future__ import annotations

import gzip
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.pages.assets import asset, assets
from server.pages.compression import takes_gzip
from tests.server.people.browsers import ORIGIN, entered
from tests.world import CAF, World, request_document


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_page_that_another_site_asks_for_is_sent_as_it_is(people: World) -> None:
    await people.filed(request_document(title="Tarifs de cantine"))
    person = await entered(people, "camille@caf.example", CAF, "dpo")
    asked = {"Accept-Encoding": "br, gzip"}
    for site, encoding in (
        ("same-origin", "gzip"),
        ("none", "gzip"),
        ("same-site", None),
        ("cross-site", None),
        ("", None),
    ):
        sent = {**asked, **({"Sec-Fetch-Site": site} if site else {})}
        answer = await person.get("/echanges?q=cantine", **sent)
        assert answer.headers.get("content-encoding") == encoding, site
        assert answer.headers["vary"] == "Accept-Encoding, Sec-Fetch-Site"
        assert "Tarifs de cantine" in answer.text
        assert person.csrf
    plain = await person.get("/echanges", **{"Accept-Encoding": "identity", "Sec-Fetch-Site": "none"})
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_file_is_kept_for_as_long_as_its_address_names_it(people: World) -> None:
    page = (await people.client.get("/")).text
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert named
    for path in named:
        answer = await people.client.get(path)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable", path
        assert answer.headers["content-encoding"] == "gzip"
    assert asset("style.css") in named
    for path in ("/static/style.css", "/static/style.css?v=0000000000000000"):
        answer = await people.client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
        assert answer.headers["cache-control"] == "public, max-age=300", path
        assert answer.content == assets()["style.css"].content
    assert gzip.decompress(assets()["style.css"].compressed) == assets()["style.css"].content
    assert (await people.client.get(f"{ORIGIN}/static/rien.css")).status_code == 404


@given(st.sampled_from(["gzip", "GZIP", " gzip ;q=0.5", "br,gzip;q=1.0"]), st.text())
def test_gzip_is_taken_when_it_is_named(named: str, other: str) -> None:
    assert takes_gzip(named)
    assert not takes_gzip("gzip;q=0")
    assert not takes_gzip("gzip; q=0.000")
    assert isinstance(takes_gzip(other), bool)
