"""A record being read from cells: each value goes under its JSON pointer and remembers its cell."""

from collections.abc import Callable
from typing import Any

from registry.imports.items import Item, Problem
from registry.imports.sheets import Sheet
from registry.imports.values import Unknown


class Draft:
    """Builds one record; what cannot be read is noted in `refused`, with its cell."""

    def __init__(self, sheet: Sheet, place: str, kind: str = "controller") -> None:
        self.sheet = sheet
        self.item = Item({}, place, kind)
        self.refused: list[Problem] = []

    def put(
        self, pointer: str, row: int, column: int, read: Callable[[str], Any] = str.strip, text: str | None = None
    ) -> bool:
        """Read a cell (or `text`, found there) under a pointer such as `/transfers/0/country`; whether it held
        anything. Lists grow as their pointers say, one item after the other."""
        given = self.sheet.text(row, column) if text is None else text
        if not given.strip():
            return False
        place = self.sheet.address(row, column)
        try:
            value = read(given)
        except Unknown as error:
            self.refused.append(Problem(place, str(error)))
            return True
        self._set(pointer.removeprefix("/").split("/"), value)
        self.item.places[pointer] = place
        return True

    def _set(self, steps: list[str], value: Any) -> None:
        here: Any = self.item.record
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            new: Any = value if following is None else [] if following.isdecimal() else {}
            if isinstance(here, list):
                if int(step) == len(here):
                    here.append(new)
                here = here[int(step)]
            else:
                here = here.setdefault(step, new)

    def count(self, key: str) -> int:
        """How many items a list of the record has so far, by its dotted key."""
        here: Any = self.item.record
        for step in key.split("."):
            here = here.get(step, {}) if isinstance(here, dict) else {}
        return len(here)
