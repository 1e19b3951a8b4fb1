"""Tokens of machines: what they may do, how long, who sees and revokes them, and what is written of their use."""

import re
from datetime import date
from typing import Any

import pytest

from registry.authorisation import ALL, SCOPES
from registry.clock import end_of_day, timestamp
from registry.storage.accounts import keep_token
from registry.storage.accounts_sessions import FRESH
from registry.storage.migrations import migrate
from server.api.openapi import openapi
from tests.server.people.browsers import Browser, administrator, browser, entered
from tests.world import CAF, CONVENTION, SGL, World, email, request_document

AGENT = "agent@saint-genis.example"


async def issued(opened: Browser, *scopes: str, until: str = "2023-12-31", name: str = "Guichet") -> str:
    """The token that a person's page shows."""
    await opened.see("/compte/jetons")
    answer = await opened.post("/compte/jetons", {"name": name, "scopes": list(scopes), "until": until})
    assert answer.status_code == 200, opened.text
    found = re.search(r"ecl_[\w-]{43}", opened.page)
    assert found
    return found.group(0)


async def owner(world: World, *roles: str) -> Browser:
    return await entered(world, AGENT, SGL, *(roles or ("requester",)), codes=True)


async def calling(world: World, token: str, method: str, path: str, body: Any = None) -> Any:
    world.tokens[SGL, token] = token
    return await world.call((SGL, token), method, path, body)


async def test_a_token_is_shown_once_and_kept_as_its_digest(people: World) -> None:
    opened = await owner(people)
    token = await issued(opened, "read")
    assert (await calling(people, token, "GET", "/requests")).status_code == 200
    await opened.see("/compte/jetons")
    assert token not in opened.page
    assert "Guichet" in opened.text
    rows = await people.rows("SELECT * FROM token WHERE name = 'Guichet'")
    assert token not in repr(rows)


async def test_a_scope_opens_its_own_acts_and_no_others(people: World) -> None:
    opened = await owner(people, "requester", "records_manager")
    reads, files = await issued(opened, "read"), await issued(opened, "file")
    path = f"/conventions/{CONVENTION}/requests"
    refused = await calling(people, reads, "POST", path, request_document())
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:ecluse:problem:insufficient-scope")
    assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope"'
    assert "« file »" in refused.json()["detail"]
    assert (await calling(people, files, "POST", path, request_document())).status_code == 201
    assert (await calling(people, files, "GET", "/requests")).status_code == 403
    assert (await calling(people, await issued(opened, "read", "file"), "GET", "/requests")).status_code == 200


async def test_a_token_never_exceeds_the_functions_of_its_account_that_day(people: World) -> None:
    opened = await owner(people)
    token = await issued(opened, *SCOPES)
    body = {"format": "json"}
    keeps = f"/parties/{SGL}/register/entries"
    assert (await calling(people, token, "POST", f"/parties/{SGL}/register/exports", body)).status_code == 202
    record = {"record": {"name": "Fiche"}}
    assert (await calling(people, token, "POST", keeps, record)).json()["type"].endswith(("forbidden", "document"))
    ended = (
        "UPDATE account_role SET valid_until = '2023-02-28' WHERE account = (SELECT id FROM account WHERE email = ?)"
    )
    await people.gate.engine.transact(lambda tx: tx.execute(ended, AGENT))
    for path in ("/requests", f"/conventions/{CONVENTION}", f"/parties/{SGL}/register"):
        assert (await calling(people, token, "GET", path)).status_code == 403, path
    log = await people.client.get(f"/ledger/{SGL}/2023/checkpoint", headers={"Authorization": f"Bearer {token}"})
    assert log.status_code == 403


async def test_a_token_serves_to_the_end_of_its_last_paris_day(people: World) -> None:
    opened = await owner(people)
    token = await issued(opened, "read", until="2023-03-02")
    ((expires,),) = await people.rows("SELECT expires_at FROM token WHERE name = 'Guichet'")
    assert expires == timestamp(end_of_day(date(2023, 3, 2))) == "2023-03-02T23:00:00.000Z"
    people.calendar.day = date(2023, 3, 2)
    assert (await calling(people, token, "GET", "/requests")).status_code == 200
    people.calendar.day = date(2023, 3, 3)
    assert (await calling(people, token, "GET", "/requests")).status_code == 401


@pytest.mark.parametrize("form", [
    {"name": "", "scopes": ["read"], "until": "2023-12-31"}, {"name": "x", "scopes": [], "until": "2023-12-31"},
    {"name": "x", "scopes": ["all"], "until": "2023-12-31"}, {"name": "x", "scopes": ["read"], "until": "2023-02-28"},
    {"name": "x", "scopes": ["read"], "until": "2024-03-10"}, {"name": "x", "scopes": ["read"], "until": "demain"},
    {"name": "x" * 61, "scopes": ["read"], "until": "2023-12-31"},
])  # fmt: skip
async def test_a_token_without_name_scope_or_end_is_not_issued(people: World, form: dict[str, Any]) -> None:
    opened = await owner(people)
    await opened.see("/compte/jetons")
    before = await people.rows("SELECT count(*) FROM token")
    assert (await opened.post("/compte/jetons", form)).status_code == 422
    assert "À corriger" in opened.text
    assert await people.rows("SELECT count(*) FROM token") == before


async def test_issuing_asks_to_confirm_who_one_is_and_revoking_does_not(people: World) -> None:
    opened = await owner(people)
    token = await issued(opened, "read")
    people.calendar.minutes += FRESH.seconds // 60 + 1
    await opened.see("/compte/jetons")
    asked = await opened.post("/compte/jetons", {"name": "x", "scopes": ["read"], "until": "2023-12-31"})
    assert asked.headers["location"].startswith("/confirmation")
    ((identifier,),) = await people.rows("SELECT id FROM token WHERE name = 'Guichet'")
    await opened.follow(await opened.post("/compte/jetons/revocation", {"token": identifier}))
    assert (await calling(people, token, "GET", "/requests")).status_code == 401
    acts = [event.event.act for event in await _journal(people)]
    assert acts[-2:] == ["account.token_issued", "account.token_revoked"]


async def _journal(world: World) -> Any:
    from registry.storage.accounts_journal import journals_of
    from registry.storage.events import history

    async def read(tx: Any) -> Any:
        account = await tx.value("SELECT id FROM account WHERE email = ?", AGENT)
        ((_, object_id),) = await journals_of(tx, account)
        return await history(tx, object_id, world.gate.vault.unwrap)

    return await world.gate.engine.read(read)


async def test_nobody_revokes_anothers_token_but_the_partys_administrator(people: World) -> None:
    opened = await owner(people)
    token = await issued(opened, "read")
    ((identifier,),) = await people.rows("SELECT id FROM token WHERE name = 'Guichet'")
    colleague = await entered(people, "collegue@saint-genis.example", SGL, "requester", codes=True)
    await colleague.see("/compte/jetons")
    for unknown in (identifier, "0" * 32):
        assert (await colleague.post("/compte/jetons/revocation", {"token": unknown})).status_code == 404
    assert (await colleague.post("/comptes/jetons/revocation", {"token": identifier})).status_code == 403
    stranger = await administrator(people, CAF)
    await stranger.see("/comptes/jetons")
    assert "Guichet" not in stranger.text
    assert (await stranger.post("/comptes/jetons/revocation", {"token": identifier})).status_code == 404
    assert (await calling(people, token, "GET", "/requests")).status_code == 200
    boss = await administrator(people, SGL)
    page = await boss.see("/comptes/jetons")
    assert "Guichet" in page
    assert AGENT in page
    assert token not in page
    await boss.follow(await boss.post("/comptes/jetons/revocation", {"token": identifier}))
    assert (await calling(people, token, "GET", "/requests")).status_code == 401


async def test_use_is_noted_once_an_hour_by_reading_or_writing(people: World) -> None:
    opened = await owner(people)
    token = await issued(opened, "read", "file")
    used = "SELECT used_at FROM token WHERE name = 'Guichet'"
    assert await people.rows(used) == [(None,)]
    first = timestamp(people.calendar())
    for _ in range(3):
        await calling(people, token, "GET", "/requests")
        people.calendar.minutes += 10
    assert await people.rows(used) == [(first,)]
    people.calendar.minutes += 40
    await calling(people, token, "POST", f"/conventions/{CONVENTION}/requests", request_document())
    assert await people.rows(used) == [(timestamp(people.calendar()),)]


async def test_tokens_issued_before_scopes_keep_all_they_could_do(people: World) -> None:
    """As the migration leaves them: every scope, no name, seen by their owner and their administrator."""
    assert {scopes for (scopes,) in await people.rows("SELECT DISTINCT scopes FROM token")} == {ALL}
    boss = await administrator(people, SGL)
    assert "Jeton sans nom" in await boss.see("/comptes/jetons")
    assert "Tout ce que permettent les fonctions de son compte" in boss.text


async def test_the_migration_keeps_tokens_both_ways(engine: Any) -> None:
    before, after = "ecluse_2026_11_24_0007_unsampled", "ecluse_2026_11_24_0012_token_scopes"
    await migrate(engine, before)

    async def fill(tx: Any) -> None:
        await tx.execute("INSERT INTO account (id, email, created_at) VALUES ('a', 'a@b.fr', '2023')")
        for number in range(2):
            await tx.execute("INSERT INTO token VALUES (?, 'a', 'p', '2023', '2024')", bytes([number] * 32))

    await engine.transact(fill)
    await migrate(engine, after)
    rows = await engine.read(
        lambda tx: tx.rows("SELECT hash, party, scopes, name, used_at, id FROM token ORDER BY hash")
    )
    assert [tuple(row)[1:5] for row in rows] == [("p", ALL, "", None)] * 2
    assert len({row[5] for row in rows}) == 2
    await migrate(engine, before)
    kept = await engine.read(lambda tx: tx.rows("SELECT * FROM token ORDER BY hash"))
    assert [(bytes(row[0]), *tuple(row)[1:]) for row in kept] == [
        (bytes([number] * 32), "a", "p", "2023", "2024") for number in range(2)
    ]


async def test_what_one_has_no_right_to_is_recorded_once_an_hour(people: World) -> None:
    """Who tried, for which party and why it was refused; nothing of what was tried, and reading tells nothing."""
    opened = await owner(people, "business_referent")
    reads, everything = await issued(opened, "read"), await issued(opened, *SCOPES)
    path = f"/conventions/{CONVENTION}/requests"
    answers = [await calling(people, token, "POST", path, request_document()) for token in (reads, everything) * 3]
    tried = [answer.json()["type"].rpartition(":")[2] for answer in answers]
    assert tried == ["insufficient-scope", "forbidden"] * 3
    for _ in range(2):
        assert (await calling(people, everything, "GET", "/receipts/x/1")).status_code == 404
    refusals = [event.event for event in await _journal(people) if event.event.act == "account.act_refused"]
    assert [event.derived["reason"] for event in refusals] == ["insufficient-scope", "forbidden"]
    assert all(set(event.derived) == {"account", "reason"} for event in refusals)
    people.calendar.minutes += 61
    await calling(people, everything, "POST", path, request_document())
    assert len([event for event in await _journal(people) if event.event.act == "account.act_refused"]) == 3


async def test_a_scope_that_nobody_knows_opens_nothing(people: World) -> None:
    async def work(tx: Any) -> str:
        account = await tx.value("SELECT id FROM account WHERE email = ?", email(SGL, "requester"))
        return await keep_token(tx, account, SGL, people.calendar(), end_of_day(date(2024, 1, 1)), ("autre",), "")

    token = await people.gate.engine.transact(work)
    for path in ("/requests", f"/conventions/{CONVENTION}"):
        assert (await calling(people, token, "GET", path)).status_code == 403


def test_the_openapi_document_names_the_scopes_of_every_operation() -> None:
    document = openapi()
    described = document["components"]["securitySchemes"]["bearer"]["description"]
    assert all(f"`{scope}`" in described for scope in SCOPES)
    for path in document["paths"].values():
        for operation in path.values():
            asked = [one["bearer"] for one in operation["security"] if "bearer" in one]
            assert not operation["security"] or asked, operation["operationId"]
            assert all(set(scopes) <= set(SCOPES) and scopes for scopes in asked)


async def test_without_a_party_chosen_there_is_no_token_to_issue(people: World) -> None:
    opened = browser(people)
    assert (await opened.get("/compte/jetons")).status_code == 303
