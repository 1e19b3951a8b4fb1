"""The demonstration's story: nothing in it is of later than the clock, and every function finds something to do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from registry.clock import timestamp
from registry.exchange.acts import ACTING
from registry.storage.engines import engine_for
from server.demo.build import build, prepare_folder
from server.demo.player import Calendar
from server.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PARIS = ZoneInfo("Europe/Paris")
NIGHT = datetime(2026, 11, 25, 0, 30, tzinfo=PARIS)


def test_todays_acts_happen_when_the_clock_says_and_past_ones_in_the_morning() -> None:
    calendar = Calendar(NIGHT.date(), NIGHT.date(), lambda: NIGHT)
    assert calendar() == NIGHT
    calendar.day -= timedelta(days=1)
    first, second = calendar(), calendar()
    assert (first.date(), first.hour) == (date(2026, 11, 24), 9)
    assert first < second < NIGHT


async def test_a_demonstration_made_at_night_holds_nothing_of_the_morning_and_work_for_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "clock", lambda _settings: NIGHT)
    settings = Settings(tmp_path / "demo", f"sqlite:///{tmp_path}/demo/demo.db", "ecluse.example", None, 5)
    prepare_folder(settings)
    await build(settings)
    engine = engine_for(settings.database_url)
    await engine.open()
    try:
        latest = await engine.read(lambda tx: tx.value("SELECT max(at) FROM event"))
        rows = await engine.read(lambda tx: tx.rows("SELECT party, role, since FROM exchange_awaited"))
        states = await engine.read(lambda tx: tx.rows("SELECT DISTINCT state FROM exchange_listing"))
    finally:
        await engine.close()
    assert latest <= timestamp(NIGHT)
    found = {(party, role) for party, role, since in rows if since <= NIGHT.date().isoformat()}
    assert {("caf-rhone", role) for role in ACTING} <= found
    assert {("saint-genis-laval", role) for role in ("requester", "dpo", "controller", "records_manager")} <= found
    assert {state for (state,) in states} >= {
        "draft", "filed", "under_study", "awaiting_information", "awaiting_decision", "approved", "preparation", "active",
    }  # fmt: skip
