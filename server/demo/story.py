"""The story of the demonstration: six examples under their own dates, a merger, a renewal, exchanges of today."""

from datetime import date, timedelta
from importlib import resources
from typing import Any

import msgspec

from registry.convention_command import ConventionCommand
from registry.exchange.file import File
from server.demo.life import CONDITION, live
from server.demo.player import Player
from server.demo.steps import CAF, CONVENTION, MERGED, activate, examples, judge, later, study
from server.demo.under_way import play_under_way

Document = dict[str, Any]

RENEWED_BEFORE = timedelta(days=60)
"""How long before today the convention was renewed: exchanges of today have begun since."""
MERGER_DAY = date(2024, 1, 1)
BROUGHT_TO_ACTIVE = "EX-2022-007"


async def play(player: Player, today: date) -> File:
    """Play the whole story up to `today`; answers the exchange of today, active."""
    merged = False
    running: list[File] = []
    for example in examples():
        if not merged and example["request"]["requested_on"] >= MERGER_DAY.isoformat():
            for file in running:
                await live(player, file)
            await _merge(player)
            merged = True
        if (active := await _replay(player, example)) is not None:
            running.append(active)
    player.calendar.day = today - RENEWED_BEFORE
    await _renew(player, today)
    await play_under_way(player, today)
    player.calendar.day = today
    return await _exchange_of_today(player, today)


async def _replay(player: Player, example: Document) -> File | None:
    """One example, from filing to the state its expected decision implies; the exchange when it is active."""
    request = example["request"]
    player.calendar.day = date.fromisoformat(request["requested_on"])
    file = await player.create(CONVENTION, request, reference=request["reference"])
    file = await player.act(file, file.requester, "requester", "filing", {"received_via": "form"})
    if example["expected_decision"] == "outside_procedure":
        await _outside(player, file, example)
        return None
    file = await study(player, file, example["expected_opinion"], step=timedelta(days=2))
    ours = request["reference"] == BROUGHT_TO_ACTIVE
    file = await judge(player, file, example, step=timedelta(days=5), conditions=[CONDITION] if ours else [])
    return await activate(player, file, step=timedelta(days=2)) if ours else None


async def _outside(player: Player, file: File, example: Document) -> None:
    later(player, timedelta(days=2))
    body = {"outcome": "outside_procedure", "reasons": example["opinion_text"]}
    await player.act(file, file.holder, "compliance_referent", "admission", body)


async def _merge(player: Player) -> None:
    """Oullins and Pierre-Bénite become one municipality; the permanent secretariat records it."""
    player.calendar.day = MERGER_DAY + timedelta(days=1)
    reference = resources.files("schemas").joinpath("reference/convention.json").read_bytes()
    party = next(p for p in msgspec.json.decode(reference)["parties"] if p["id"] == MERGED)
    body = {
        "predecessors": party["succeeds"],
        "successor": party,
        "effective_on": MERGER_DAY.isoformat(),
        "reference": "Création de la commune nouvelle d'Oullins-Pierre-Bénite au 1er janvier 2024",
    }
    await player.amend(CONVENTION, CAF, "secretariat", ConventionCommand("succession", body))


async def _renew(player: Player, today: date) -> None:
    """A renewal invented for the demonstration, and labelled so: nothing says the reference convention was renewed."""
    body = {
        "reference": "DEMONSTRATION-RECONDUCTION",
        "signed_on": player.calendar.day.isoformat(),
        "description": "DÉMONSTRATION : reconduction fictive, enregistrée pour montrer un échange d'aujourd'hui.",
        "term": date(today.year + 4, 12, 31).isoformat(),
        "demonstration": True,
    }
    await player.amend(CONVENTION, CAF, "secretariat", ConventionCommand("amendment", body))


async def _exchange_of_today(player: Player, today: date) -> File:
    """A new request of the merged municipality, brought to active on the server's day."""
    example = next(e for e in examples() if e["request"]["reference"] == BROUGHT_TO_ACTIVE)
    request = {
        **example["request"],
        "title": "Quotient familial pour la tarification des accueils de loisirs",
        "requester": MERGED,
        "requested_on": today.isoformat(),
        "period": {"start": today.isoformat(), "end": date(today.year + 4, 12, 31).isoformat()},
    }
    still = timedelta(0)
    file = await player.create(CONVENTION, request)
    file = await player.act(file, MERGED, "requester", "filing", {"received_via": "form"})
    file = await study(player, file, example["expected_opinion"], step=still)
    file = await judge(player, file, example, step=still)
    return await activate(player, file, step=still)
