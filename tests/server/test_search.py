"""Searching the exchanges that one may see: French words whatever their form, nothing of anybody else's."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from registry.storage import search
from registry.storage.rebuild import rebuild
from tests.world import CAF, OULLINS, SGL, World, request_document

RARE = "Zygopetalum"
TYPED = [
    '"',
    "' OR 1=1 --",
    "AND",
    "NOT cantine",
    "(",
    "*",
    "words:x",
    "cantine*",
    "NEAR(a b)",
    "\\",
    "a:* & !b",
    "é" * 200,
    "\u0000",
    "💧 ?",
    "–",
]


async def found(world: World, who: tuple[str, str], text: str, more: str = "") -> list[str]:
    answer = await world.ok(who, "GET", f"/requests?q={quote(text)}{more}")
    return [one["id"] for one in answer["items"]]


async def opined(world: World) -> str:
    request_id = await world.under_study(request_document(title="Tarification sociale des cantines scolaires"))
    await world.studied(request_id)
    await world.opinion(request_id, {"value": "favourable", "text": f"Proportionné aux élèves âgés, voir {RARE}."})
    return request_id


async def test_an_exchange_is_found_by_what_was_typed_in_it_in_any_form(world: World) -> None:
    request_id, other = await opined(world), await world.filed(request_document(title="Aides aux vacances"))
    reference = (await world.read(request_id))["reference"]
    for text in (
        "cantine", "CANTINES", "cantines scolaire", "la cantine d", "canti", "tarifications cantine",
        "eleves agees", "élève âgé", RARE.lower(), "zygopet", f"{reference} cantine", "saint-genis cantine",
    ):  # fmt: skip
        for who in ((CAF, "dpo"), (SGL, "auditor")):
            assert await found(world, who, text) == [request_id], (who, text)
    assert await found(world, (CAF, "dpo"), "genis") == [other, request_id]  # newest first
    assert await found(world, (CAF, "dpo"), "cantine vacances") == []
    for more, expected in (("&state=filed", []), ("&state=under_study", []), (f"&party={SGL}", [request_id])):
        assert await found(world, (CAF, "dpo"), "cantine", more) == expected, more


async def test_nobody_finds_an_exchange_that_they_may_not_see(world: World) -> None:
    request_id = await opined(world)
    draft = await world.create(request_document(title=f"Brouillon {RARE}"))
    assert await found(world, (OULLINS, "dpo"), RARE) == []
    assert await found(world, (OULLINS, "dpo"), "genis") == []
    assert await found(world, (CAF, "dpo"), RARE) == [request_id]
    assert await found(world, (SGL, "dpo"), RARE) == [draft, request_id]
    await world.refused(403, "forbidden", (CAF, "secretariat"), "GET", f"/requests?q={RARE}")


async def test_whatever_is_typed_is_never_an_error(world: World) -> None:
    await world.filed()
    for text in TYPED:
        assert isinstance(await found(world, (CAF, "dpo"), text), list)
    assert await found(world, (CAF, "dpo"), "…") == []
    await world.refused(400, "invalid-parameter", (CAF, "dpo"), "GET", f"/requests?q={'a' * 201}")


async def test_pages_of_a_search_follow_each_other_while_others_file(world: World) -> None:
    ids = [await world.filed(request_document(title=f"Cantine {number}")) for number in range(3)]
    seen: list[str] = []
    page: Any = await world.ok((CAF, "dpo"), "GET", "/requests?q=cantine&limit=1")
    while True:
        seen += [one["id"] for one in page["items"]]
        await world.filed(request_document(title="Cantine encore"))
        if page["next"] is None or len(seen) > 4:
            break
        page = await world.ok((CAF, "dpo"), "GET", f"/requests?q=cantine&limit=1&cursor={page['next']}")
    assert seen == ids[::-1]


async def test_a_last_word_that_is_common_is_not_completed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "COMMON", 2)
    ids = [await world.filed(request_document(title=title)) for title in ("Musique", "Musiques", "Musiquette")]
    assert await found(world, (CAF, "dpo"), "musiques") == ids[1::-1]
    assert await found(world, (CAF, "dpo"), "musi") == ids[::-1]


async def test_words_follow_changes_erasure_and_rebuilding(world: World) -> None:
    request_id = await world.create(request_document(title=f"Sans {RARE}"))
    changed = request_document(title="Autre chose")
    await world.ok((SGL, "requester"), "PUT", f"/requests/{request_id}/document", changed, version=1)
    assert await found(world, (SGL, "dpo"), RARE) == []
    other = await opined(world)
    kept = await world.rows("SELECT * FROM exchange_text ORDER BY position")
    await rebuild(world.gate.engine, world.gate.vault)
    assert await world.rows("SELECT * FROM exchange_text ORDER BY position") == kept
    assert await found(world, (CAF, "dpo"), RARE) == [other]
    why = {"legal_basis": "article_17_1_d", "reason": "exchanged_data_entered", "dpo_informed_on": "2023-03-01"}
    await world.ok((CAF, "controller"), "POST", f"/requests/{other}/erasure", {"scope": "object", **why})
    assert await found(world, (CAF, "dpo"), RARE) == []
    assert await found(world, (CAF, "dpo"), "efface") == [other]
