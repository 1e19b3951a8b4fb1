"""A succession gives nobody more than they had."""

from datetime import date
from typing import Any

import pytest

from registry.storage.accounts import account_for
from tests.world import CAF, CONVENTION, MERGED, OULLINS, SGL, World, email, reference

PATH = f"/conventions/{CONVENTION}/successions"


def _into(party_id: str, **changes: Any) -> dict[str, Any]:
    successor = next(p for p in reference("convention")["parties"] if p["id"] == party_id)
    successor.pop("delegations", None)
    return {"predecessors": [OULLINS], "successor": {**successor, **changes}, "effective_on": "2023-03-01",
            "reference": "Arrêté"}  # fmt: skip


async def _roles(world: World, address: str, party: str) -> set[str]:
    sql = "SELECT r.role FROM account_role r JOIN account a ON a.id = r.account WHERE a.email = ? AND r.party = ?"
    return {row[0] for row in await world.rows(sql, address, party)}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_absorbed_by_a_party_that_lives_nobody_administers_it_or_becomes_its_dpo(world: World) -> None:
    stranger = "inconnu@oullins.example"
    designation = {"person": stranger, "from": "2021-01-01", "until": None, "interim": False, "cnil_reference": None}
    body = _into(SGL, dpo_designations=[designation])
    await world.ok((CAF, "secretariat"), "POST", PATH, body)
    assert await _roles(world, stranger, SGL) == set()
    assert await _roles(world, email(OULLINS, "administrator"), SGL) == set()
    assert await _roles(world, email(OULLINS, "requester"), SGL) == {"requester"}
    assert await _roles(world, email(OULLINS, "controller"), SGL) == set()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_controller_records_no_succession_of_another_party(world: World) -> None:
    """Else any mayor could declare that a commune succeeds the Caf, and read its files."""
    body = {**_into(SGL), "predecessors": [CAF]}
    wrong = await world.refused(422, "invalid-document", (SGL, "controller"), "POST", PATH, body)
    assert wrong["errors"][0]["pointer"] == "/predecessors"
    await world.ok((OULLINS, "controller"), "POST", PATH, _into(SGL))


async def test_a_role_that_ended_a_closed_account_and_a_substitute_get_nothing(world: World) -> None:
    async def work(tx: Any) -> None:
        for address, until, source in (
            ("parti@oullins.example", "2023-12-30", ""),
            ("jusquau@oullins.example", "2024-02-01", ""),
            ("remplacant@oullins.example", None, "une-absence"),
        ):
            account = await account_for(tx, address, world.calendar())
            await tx.execute(
                "INSERT INTO account_role (account, party, role, valid_from, valid_until, source)"
                " VALUES (?, ?, 'requester', '2021-01-01', ?, ?)",
                account, OULLINS, until, source,
            )  # fmt: skip
        await tx.execute(
            "UPDATE account SET closed_at = '2023-05-01T00:00:00.000Z' WHERE email = ?", email(OULLINS, "it_security")
        )
        await tx.execute("DELETE FROM account_role WHERE party = ?", MERGED)

    await world.gate.engine.transact(work)
    world.calendar.day = date(2024, 1, 2)
    await world.ok((CAF, "secretariat"), "POST", PATH, {**_into(MERGED), "effective_on": "2024-01-01"})
    assert await _roles(world, "parti@oullins.example", MERGED) == set()
    assert await _roles(world, "remplacant@oullins.example", MERGED) == set()
    ((until,),) = await world.rows(
        "SELECT valid_until FROM account_role r JOIN account a ON a.id = r.account WHERE a.email = ? AND r.party = ?",
        "jusquau@oullins.example", MERGED,
    )  # fmt: skip
    assert until == "2024-02-01"
    await world.refused(401, "unauthenticated", (OULLINS, "it_security"), "GET", "/requests")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_nobody_reads_any_longer_for_a_party_that_is_no_more(world: World) -> None:
    document = reference("requests")["requests"][0]["request"] | {"requester": OULLINS, "requested_on": None}
    request_id = await world.filed(document, OULLINS)
    world.calendar.day = date(2024, 1, 2)
    await world.ok((OULLINS, "controller"), "GET", f"/requests/{request_id}")
    await world.ok((CAF, "secretariat"), "POST", PATH, {**_into(MERGED), "effective_on": "2024-01-01"})
    for role in ("controller", "auditor", "requester", "dpo"):
        await world.refused(403, "forbidden", (OULLINS, role), "GET", f"/requests/{request_id}")
    await world.ok((MERGED, "requester"), "GET", f"/requests/{request_id}")


async def test_the_programs_of_a_party_that_is_gone_hear_nothing_more(world: World) -> None:
    boss = (OULLINS, "administrator")
    await world.ok(boss, "POST", f"/parties/{OULLINS}/webhooks", {"url": "https://programme.example/"})
    document = reference("requests")["requests"][0]["request"] | {"requester": OULLINS, "requested_on": None}
    request_id = await world.filed(document, OULLINS)
    heard = await world.rows("SELECT id FROM delivery")
    assert heard
    world.calendar.day = date(2024, 1, 2)
    await world.ok((CAF, "secretariat"), "POST", PATH, {**_into(MERGED), "effective_on": "2024-01-01"})
    await world.ok((CAF, "business_referent"), "POST", f"/requests/{request_id}/messages", {"text": "Bonjour."})
    assert await world.rows("SELECT id FROM delivery") == heard
