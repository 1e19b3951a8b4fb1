"""The next due date of an exchange, as lists keep it: known from its acts alone, it does not move with the day."""

from datetime import date
from typing import NamedTuple

from registry.convention import Convention
from registry.exchange.deadlines.clocks import clocks
from registry.exchange.file import File


class Due(NamedTuple):
    """The earliest due date among running clocks, the clock's name and label, the functions and the parties it waits
    for, as the file names them."""

    on: date
    clock: str
    label: str
    parties: tuple[str, ...]
    roles: tuple[str, ...]


def next_due(file: File, convention: Convention) -> Due | None:
    """None when no clock runs, or while they are stopped. Dates on which an act becomes available are not due."""
    running = [
        clock
        for clock in clocks(file, convention, date.max, standing=False)
        if clock.ended_on is None and clock.due_on is not None and clock.opens is None and clock.parties
    ]
    if not running:
        return None
    first = min(running, key=lambda clock: clock.due_on or date.max)
    assert first.due_on is not None  # noqa: S101 - chosen among those that have one
    return Due(first.due_on, first.name, first.label, tuple(first.parties), tuple(first.roles))
