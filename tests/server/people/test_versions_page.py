"""Differences between versions of a request, in words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.pages.compared import ADDED, CHANGED, REMOVED, compared
from tests.server.people.browsers import entered
from tests.world import CAF, OULLINS, SGL, World, request_document

HOSTILE = "<script>alert(1)</script> & « fin »"


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [
        (c.kind, c.where, c.before.text if c.before else "", c.after.text if c.after else "")
        for question in compared(old, new)
        for c in question.changes
    ]


def test_what_changed_is_named_and_what_reads_the_same_did_not_change() -> None:
    old = request_document(title="Avant", frequency="monthly")
    new = request_document(title="Après", frequency=None)
    new["data_items"] = [*old["data_items"][1:], {"label": "Nouvelle", "cnil_category": "identity"}]
    new["retention"] = [{**old["retention"][0], "months": 3}, *old["retention"][1:]]
    found = _changes(old, new)
    assert (CHANGED, "Titre", "Avant", "Après") in [(k, "Titre", b, a) for k, w, b, a in found if b == "Avant"]
    assert any(kind == REMOVED and text == old["data_items"][0]["label"] for kind, _, text, _ in found)
    assert any(kind == ADDED and text == "Nouvelle" for kind, _, _, text in found)
    assert any(kind == CHANGED and "Durée en mois" in where and after == "3 mois" for kind, where, _, after in found)
    assert compared(old, {**old, "period": None, "transfers": []}) == compared(old, {**old, "period": {}})
    assert compared(old, old) == []


def test_one_item_less_in_a_long_list_is_one_difference() -> None:
    items = [{"label": f"Donnée {n}", "cnil_category": "identity"} for n in range(500)]
    assert _changes({"data_items": items}, {"data_items": items[1:]}) == [
        (REMOVED, "Données demandées", "Donnée 0", "")
    ]
    twice = [*items, items[7]]
    assert [kind for kind, *_ in _changes({"data_items": items}, {"data_items": twice})] == [CHANGED]


async def _two_versions(world: World) -> str:
    request_id = await world.create(request_document(title="Premier titre"))
    body = request_document(title=HOSTILE)
    body["data_items"] = body["data_items"][:1]
    await world.ok((SGL, "requester"), "PUT", f"/requests/{request_id}/document", body, version=1)
    await world.ok((SGL, "requester"), "POST", f"/requests/{request_id}/filing", {}, version=2)
    return request_id


async def test_the_page_tells_the_last_change_then_any_other(people: World) -> None:
    request_id = await _two_versions(people)
    reader = await entered(people, "lecteur@caf.example", CAF, "dpo")
    page = await reader.see(f"/echanges/{request_id}/versions")
    assert "Premier titre" in reader.text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "Version 2" in reader.text
    await reader.see(f"/echanges/{request_id}/versions?de=2&a=2")
    assert "Ces deux versions disent la même chose" in reader.text
    assert re.search(r"Voir ce qui a changé", await reader.see(f"/echanges/{request_id}"))


@pytest.mark.parametrize(("query", "status"), [("de=9", 404), ("de=x", 400), ("a=-1", 400), ("autre=1", 400)])
async def test_a_version_that_is_not_is_refused(people: World, query: str, status: int) -> None:
    request_id = await _two_versions(people)
    reader = await entered(people, "lecteur@caf.example", CAF, "dpo")
    assert (await reader.get(f"/echanges/{request_id}/versions?{query}")).status_code == status
    stranger = await entered(people, "autre@oullins.example", OULLINS, "requester")
    assert (await stranger.get(f"/echanges/{request_id}/versions")).status_code == 404
