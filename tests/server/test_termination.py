"""What the end of a convention shows, announces and lets slip: nothing to who sees none of it, and no exchange goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from registry.gate import exchanges
from tests.world import CAF, CONVENTION, OULLINS, SGL, World

BASE = f"/conventions/{CONVENTION}"
ENDED = {"reference": "Décision 2023-12", "reasons": "La convention a changé sans avenant."}
URL = {"url": "https://programme.example/"}


async def _prepared(world: World) -> str:
    request_id = await world.approved()
    await world.prepared(request_id)
    for party in (CAF, SGL):
        await world.confirmed(request_id, party)
    return request_id


async def test_who_terminates_learns_nothing_of_the_exchanges_that_stop_and_their_parties_do(world: World) -> None:
    await world.active()
    for party in (CAF, OULLINS):
        await world.ok((party, "administrator"), "POST", f"/parties/{party}/webhooks", URL)
    letter = {"ground": "breach_of_obligations", "sent_on": "2023-03-01", "reference": "LRAR", "reasons": "Art. 6."}
    sent = await world.ok((OULLINS, "controller"), "POST", f"{BASE}/notices", letter)
    world.calendar.day = world.calendar.day.replace(month=5, day=2)
    body = {**ENDED, "notice": sent["notices"][0]["id"]}
    done = await world.ok((OULLINS, "controller"), "POST", f"{BASE}/termination", body)
    ((own,),) = await world.rows("SELECT object FROM convention WHERE id = ?", CONVENTION)
    ((stopped,),) = await world.rows("SELECT id FROM exchange")
    assert own in done["receipt"]
    assert stopped not in json.dumps(done)
    told = await world.rows("SELECT w.party, d.payload FROM delivery d JOIN webhook w ON w.id = d.webhook")
    assert [(party, json.loads(bytes(payload))["data"]["act"]) for party, payload in told] == [
        (CAF, "termination-suspension")
    ]


@pytest.mark.parametrize("dialect", ["postgres"], indirect=True)
async def test_an_exchange_that_is_being_activated_does_not_escape_a_termination(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await _prepared(world)
    deciding, go, written = asyncio.Event(), asyncio.Event(), exchanges.update

    async def slow(*given: Any) -> None:
        deciding.set()
        await go.wait()
        await written(*given)

    monkeypatch.setattr(exchanges, "update", slow)
    activating = asyncio.create_task(world.activate(request_id))
    await deciding.wait()
    ending = asyncio.create_task(world.ok((CAF, "controller"), "POST", f"{BASE}/termination", ENDED))
    await asyncio.wait({ending}, timeout=0.5)
    go.set()
    await asyncio.gather(activating, ending)
    assert (await world.read(request_id))["state"] == "suspended"
