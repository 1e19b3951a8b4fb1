"""Which register entries an exchange stands on, and since when: what decides the day on which an entry is archived."""

from collections.abc import Iterable, Mapping

from registry.exchange.events import Event
from registry.exchange.evolve import evolve
from registry.exchange.file import File

ENDED = frozenset({"closed", "lapsed", "withdrawn", "dropped", "refused", "inadmissible"})
"""States after which an exchange no longer justifies a processing activity."""

Links = Mapping[str, tuple[str, str | None]]
"""For each entry, the day it began to serve the exchange and the day it ceased to, in ISO form."""


def follow(links: Links, before: File | None, after: File, event: Event) -> Links:
    """The links of an exchange after one of its events.

    An approval links the entries it drafts; a confirmation links the entry it names, and lets go of the draft that it
    replaces; the end of the exchange ends every link.
    """
    day, now = event.on.isoformat(), dict(links)
    if event.act in {"decision", "paper-decision"}:
        for entry in event.derived["register_entries"].values():
            now[entry] = (day, None)
    if event.act == "register-confirmations":
        confirmed, drafted = event.input["entry"], after.register_entries.get(event.derived["party"])
        now[confirmed] = (now.get(confirmed, (day, None))[0], None)
        if drafted in now and drafted != confirmed:
            now[drafted] = (now[drafted][0], now[drafted][1] or day)
    if after.state in ENDED and (before is None or before.state not in ENDED):
        now = {entry: (since, until or day) for entry, (since, until) in now.items()}
    return now


def changes_links(before: File, after: File, event: Event) -> bool:
    """Whether `follow` may change anything: nearly no event does."""
    return event.act in {"decision", "paper-decision", "register-confirmations"} or (
        before.state != after.state and after.state in ENDED
    )


def links_of(events: Iterable[Event]) -> Links:
    """The links that a complete history gives."""
    links: Links = {}
    file: File | None = None
    for event in events:
        before, file = file, evolve(file, event)
        links = follow(links, before, file, event)
    return links
