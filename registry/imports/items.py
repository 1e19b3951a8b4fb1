"""What reading a file gives: records with their places, what cannot be read, what was ignored."""

from dataclasses import dataclass, field
from typing import Any

from registry.refusals import Refusal

Document = dict[str, Any]


class Unreadable(Refusal):
    """The file is none that can be imported, or is beyond bounds; nothing of it was read."""

    slug, status, title = "unreadable-file", 422, "Fichier illisible"


@dataclass(frozen=True)
class Problem:
    """One point of a file: where (`Feuille!B7`, `records/3/title`) and the French sentence."""

    place: str
    message: str


@dataclass
class Item:
    """A record read from a file.

    `place` is where it begins; `places` gives the cell of a JSON pointer of the record; `silent` are the keys that this
    kind of file has no place for: an existing record keeps its own.
    """

    record: Document
    place: str
    kind: str = "controller"
    places: dict[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()

    def place_of(self, pointer: str) -> str:
        """The cell where what is under a JSON pointer was read, or the nearest above it."""
        while pointer:
            if pointer in self.places:
                return self.places[pointer]
            pointer = pointer.rpartition("/")[0]
        return self.place


@dataclass
class Reading:
    """A file as read. `refused` forbids the import; `ignored` is shown and does not. `manifest` is the export's own,
    when the file is one of ours."""

    form: str
    items: list[Item] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    ignored: list[Problem] = field(default_factory=list)
    manifest: Document | None = None
