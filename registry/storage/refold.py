"""The rows of the projections as the events give them: what `rebuild` writes and what `reconcile` compares. Pure."""

from collections.abc import Mapping, Sequence

from registry.convention import Convention
from registry.convention_acts import evolve as evolve_convention
from registry.exchange.deadlines import next_due
from registry.exchange.evolve import fold
from registry.exchange.file import File
from registry.processing.links import links_of
from registry.storage.awaited import awaited_rows
from registry.storage.conventions import convention_row
from registry.storage.events import Stored
from registry.storage.exchanges import LISTING, exchange_row, listing_rows
from registry.storage.figures import FIGURE, FOLLOWED, figure_rows
from registry.storage.flows import COLUMNS as FLOW_COLUMNS
from registry.storage.flows import flow_rows
from registry.storage.register import encoded
from registry.storage.reviews import COLUMNS as REVIEW_COLUMNS
from registry.storage.reviews import review_rows
from registry.storage.search import text_row

Row = tuple[object, ...]
Rows = Mapping[str, Sequence[Row]]
"""Rows by table, their values in the order of COLUMNS."""

COLUMNS = {
    "convention": ("id", "object", "revision", "document"),
    "register_entry": (
        "id", "party", "reference", "position", "log_owner", "exchange", "revision", "version", "confirmed_on",
        "kind", "erased_on",
    ),
    "register_version": ("entry", "version", "party", "position", "since", "until", "record"),
    "exchange": ("id", "convention", "reference", "position", "revision", "file", "summary"),
    "register_link": ("entry", "exchange", "since", "until"),
    "exchange_listing": LISTING,
    "exchange_figure": FIGURE,
    "exchange_followed": FOLLOWED,
    "exchange_awaited": ("position", "party", "role", "exchange", "act", "since", "due_on"),
    "flow": FLOW_COLUMNS,
    "review_due": REVIEW_COLUMNS,
    "exchange_text": ("position", "exchange", "words"),
}  # fmt: skip


def convention_rows(object_id: str, events: Sequence[Stored]) -> tuple[Convention, Rows]:
    """A convention as its events leave it, and its row."""
    convention = evolve_convention(None, events[0].event)
    for stored in events[1:]:
        convention = evolve_convention(convention, stored.event)
    return convention, {"convention": [convention_row(convention, object_id, events[-1].revision)]}


def exchange_rows(convention: Convention, events: Sequence[Stored]) -> tuple[File, Rows]:
    """An exchange as its events leave it, with all its rows."""
    file = fold(stored.event for stored in events)
    position, revision, due = events[0].seq, events[-1].revision, next_due(file, convention)
    return file, {
        "exchange": [exchange_row(file, position, revision, due)],
        "exchange_listing": listing_rows(convention, file, position, due),
        "exchange_awaited": awaited_rows(convention, file, position),
        "exchange_text": [text_row(file, position)],
        **figure_rows(file, convention),
        "register_link": [
            (entry, file.id, since, until)
            for entry, (since, until) in links_of(stored.event for stored in events).items()
        ],
        "flow": flow_rows(file.id, (stored.event for stored in events)),
        "review_due": review_rows(convention, file, position),
    }


def entry_rows(events: Sequence[Stored], confirmed_on: str | None) -> Rows:
    """A register entry's row and those of its versions; `confirmed_on`: the first confirmation by an exchange."""
    first = events[0]
    derived = first.event.derived
    written = [stored for stored in events if stored.event.act != "erasure"]
    days = [day for day in (*(s.event.derived.get("confirmed_on") for s in written), confirmed_on) if day is not None]
    erased = [stored.event.on.isoformat() for stored in events if is_whole_erasure(stored)]
    numbers = [1, *(stored.event.derived["version"] for stored in written[1:])]
    ends = [*(stored.at for stored in written[1:]), None]
    entry = (
        derived["id"], derived["party"], derived["reference"], first.seq, derived["owner"], derived["exchange"],
        events[-1].revision, numbers[-1], min(days, default=None), derived.get("kind", "controller"),
        erased[0] if erased else None,
    )  # fmt: skip
    versions = [
        (derived["id"], number, derived["party"], first.seq, stored.at, end, encoded(stored.event.input["record"]))
        for number, end, stored in zip(numbers, ends, written, strict=True)
    ]
    return {"register_entry": [entry], "register_version": versions}


def is_whole_erasure(stored: Stored) -> bool:
    """Whether the event erased all the texts of its object."""
    return stored.event.act == "erasure" and stored.event.input["scope"] == "object"
