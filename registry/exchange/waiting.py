"""Whom an exchange waits for, since when and until when: one line for each party and function, as lists keep them.

Known from the acts alone: what only begins to wait later (a yearly review) bears the day from which it does.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from registry.convention import Convention
from registry.exchange.awaited import Awaited, awaited
from registry.exchange.deadlines import Clock, clocks
from registry.exchange.file import File

AHEAD = timedelta(days=30)
"""How long before its day a review is said to wait."""


_OF_ACT = {
    "admission": ("acknowledgement", "admissibility"),
    "study": ("study",),
    "document": ("study",),
    "opinion": ("dpo_opinion",),
    "decision": ("decision",),
    "information": ("information",),
    "return": ("cnil_referral", "cnaf_referral"),
    "recommendations": ("recommendation",),
    "incident-status": ("incident_told", "breach_notification"),
    "objection-status": ("objection",),
    "certificate": ("closure_certificate",),
}
"""The clocks that measure how long each act may take."""


class Waiting(NamedTuple):
    """What a function of a party has to do, since when it waits, and its deadline if there is one."""

    party: str
    role: str
    act: str
    since: date
    due_on: date | None


def waiting(file: File, convention: Convention) -> list[Waiting]:
    """One line for each party (as the file names it) and function: the first thing each has to do."""
    running = [
        clock
        for clock in clocks(file, convention, date.max, standing=False)
        if clock.ended_on is None and clock.opens is None and clock.due_on is not None
    ]
    found: dict[tuple[str, str], Waiting] = {}
    for one in (*_steps(file, running), *_later(running)):
        found.setdefault((one.party, one.role), one)
    return list(found.values())


def _steps(file: File, running: list[Clock]) -> Iterator[Waiting]:
    for one in awaited(file):
        since, act = waits_since(file, one), one.act.name
        named = _OF_ACT.get(act.partition("/")[0], ())
        for party in one.parties:
            days = (c.due_on for c in running if c.due_on and c.name in named and party in c.parties)
            due = min(days, default=None)
            yield from (Waiting(party, role, act, since, due) for role in one.roles)


def _later(running: list[Clock]) -> Iterator[Waiting]:
    """The next review: it waits from some days before its own."""
    for clock in running:
        if clock.name == "review" and clock.due_on is not None:
            since = max(clock.started_on, clock.due_on - AHEAD)
            yield from (
                Waiting(party, role, "review", since, clock.due_on) for party in clock.parties for role in clock.roles
            )


def waits_since(file: File, one: Awaited) -> date:
    """The day from which an awaited act could be done."""
    name, since = one.act.name, file.state_since or file.created_on
    if name.startswith("study/"):
        return max(since, file.last_changed_on)
    if name == "opinion":
        return max(since, *(part.concluded_on for part in file.study.values()))
    if name == "correction" and file.open_correction is not None:
        return file.open_correction.submitted_on
    if name == "preparation" and file.acceptance is not None:
        return file.acceptance.accepted_on
    if name == "activation":
        return max(since, *(c.confirmed_on for c in file.register_confirmations))
    return since
