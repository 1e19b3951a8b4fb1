"""Two years of a convention lived day by day under a moved clock: every alert at its day, each once, and none other."""

from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from registry.gate.nightly import nightly
from tests.server.mail.servers import Box, text_of
from tests.world import CAF, CONVENTION, SGL, World, email

BASE = f"/conventions/{CONVENTION}"
SECRETARIAT = (CAF, "secretariat")
BEGIN, END = date(2024, 6, 1), date(2026, 6, 1)


async def _meets(world: World, day: date) -> None:
    met = {"held_on": day.isoformat(), "present": [CAF, SGL], "subjects": "Bilan de l'année."}
    await world.ok(SECRETARIAT, "POST", f"{BASE}/committee/meetings", met)


async def _reviewed(world: World, request_id: str) -> None:
    await world.ok((CAF, "business_referent"), "POST", f"/requests/{request_id}/review", {"outcome": "continued"})


async def _renewed(world: World) -> None:
    renewal = {"reference": "AV-1", "signed_on": "2026-01-09", "description": "Reconduction.", "term": "2030-12-31"}
    await world.ok(SECRETARIAT, "POST", f"{BASE}/amendments", renewal)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_two_years_day_by_day_tell_each_thing_on_its_day_and_once(world: World, postman: Any, box: Box) -> None:
    world.calendar.day = BEGIN
    await _meets(world, BEGIN)
    request_id = await world.active()
    done = {
        date(2025, 6, 20): lambda: _meets(world, date(2025, 6, 20)),
        date(2025, 7, 10): lambda: _reviewed(world, request_id),
        date(2026, 1, 10): lambda: _renewed(world),
    }
    seen: list[tuple[str, str, bool]] = []
    day = BEGIN
    while day <= END:
        world.calendar.day = day
        if day in done:
            await done[day]()
        for _ in range(2):  # run twice: nothing more
            found = await nightly(world.gate.engine, world.calendar, "one", mailing=True)
            seen += [(day.isoformat(), change.check, change.message is not None) for change in found.changes]
        await postman.round()
        day += timedelta(days=1)
    assert seen == [
        ("2025-06-02", "CYC-03", True),  # the review of 1 June is late
        ("2025-07-01", "CYC-06", True),  # the term is less than six months away
        ("2025-07-10", "CYC-03", False),
        ("2026-01-01", "CONV-14", True),  # the term has passed
        ("2026-01-10", "CONV-14", False),
        ("2026-01-10", "CYC-06", False),  # renewed
    ]
    told = [(_day_of(mail), _said(mail)) for mail in box.told(email(CAF, "secretariat"))]
    assert told == [
        ("2025-06-02", "le comité de pilotage devait se réunir (1er juin 2025)"),
        ("2025-06-30", "la convention prend fin dans moins de six mois (31 décembre 2025)"),
        ("2025-09-30", "la convention prend fin dans moins de trois mois (31 décembre 2025)"),
        ("2025-11-30", "la convention prend fin dans moins d'un mois (31 décembre 2025)"),
        ("2026-01-01", "la convention a expiré (31 décembre 2025)"),
    ]
    reminders = [
        _day_of(mail) for mail in box.told(email(SGL, "business_referent")) if "Échéances" in str(mail["Subject"])
    ]
    assert reminders == ["2025-05-27", "2025-06-01", "2025-06-02"]  # then reviewed: the next one is due in July
    identifiers = [message["Message-ID"] for message in box.taken]
    assert len(identifiers) == len(set(identifiers))


def _day_of(message: EmailMessage) -> str:
    return message["Date"].datetime.date().isoformat()


def _said(message: EmailMessage) -> str:
    return next(line for line in text_of(message).splitlines() if line.startswith("- ")).partition(" : ")[2]
