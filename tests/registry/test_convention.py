"""A convention answers: in force or not, who is a living party, who stands for whom, who is DPO on a day."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from registry.convention import Convention
from registry.convention_acts import evolve
from registry.exchange.events import Event
from tests.world import CAF, MERGED, OULLINS, SGL, reference


def _convention(**changes: object) -> Convention:
    return Convention({**reference("convention"), "successions": [], **changes})


def test_it_is_in_force_from_its_effect_to_its_term_both_included() -> None:
    convention = _convention()
    days = [date(2020, 12, 31), date(2021, 1, 1), date(2025, 12, 31), date(2026, 1, 1)]
    assert [convention.in_force(day) for day in days] == [False, True, True, False]
    assert [convention.status(day) for day in days] == [
        None, "in_force", "in_force", "expired_unless_expressly_renewed",
    ]  # fmt: skip


def test_a_renewal_moves_the_term_and_a_termination_ends_it_earlier() -> None:
    renewed = _convention(renewals=[{"reference": "A", "signed_on": "2025-12-01", "term": "2029-12-31"}])
    assert renewed.in_force(date(2029, 12, 31))
    terminated = _convention(terminated_on="2024-06-30")
    assert terminated.in_force(date(2024, 6, 30))
    assert terminated.status(date(2024, 7, 1)) == "terminated"


def test_a_successor_stands_for_a_party_only_once_recorded_and_effective() -> None:
    convention = _convention()
    assert convention.exists(OULLINS, date(2023, 12, 31))
    assert not convention.exists(OULLINS, date(2024, 1, 1))
    assert not convention.exists(MERGED, date(2023, 12, 31))
    assert convention.stands_for(OULLINS, date(2024, 1, 1)) == OULLINS
    event = Event(act="succession", by="x", party=CAF, on=date(2024, 1, 2), input={
        "predecessors": [OULLINS], "effective_on": "2024-01-01", "reference": "Arrêté",
        "successor": dict(convention.party(MERGED) or {}),
    })  # fmt: skip
    after = evolve(convention, event)
    assert after.stands_for(OULLINS, date(2023, 12, 31)) == OULLINS
    assert after.stands_for(OULLINS, date(2024, 1, 1)) == MERGED
    assert after.heirs(OULLINS) == [OULLINS, MERGED]
    assert after.predecessors(MERGED) == [OULLINS]


def test_a_new_dpo_ends_the_previous_designation_and_an_interim_one_does_not() -> None:
    convention = _convention()
    given = {"person": "", "from": "2023-06-01", "until": None, "interim": False}
    event = Event(act="dpo_designation", by="x", party=SGL, on=date(2023, 5, 1), input=given,
                  derived={"party": SGL, "person": "new"})  # fmt: skip
    after = evolve(convention, event)
    assert after.dpos(SGL, date(2023, 5, 31)) == {"dpd@saint-genis-laval.example"}
    assert after.dpos(SGL, date(2023, 6, 1)) == {"new"}
    interim = Event(act="dpo_designation", by="x", party=SGL, on=date(2023, 5, 1), input={**given, "interim": True},
                    derived={"party": SGL, "person": "interim"})  # fmt: skip
    assert evolve(convention, interim).dpos(SGL, date(2023, 6, 1)) == {"dpd@saint-genis-laval.example", "interim"}


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_status_never_contradicts_being_in_force(day: date) -> None:
    convention = _convention()
    assert (convention.status(day) == "in_force") == convention.in_force(day)
