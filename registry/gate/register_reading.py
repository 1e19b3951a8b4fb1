"""The registers as a person reads them: a page of lines, an entry with its history and exchanges, what lacks where."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from registry.gate.people.visiting import party_names
from registry.gate.reading import LinkedRecords, entry_versions, entry_view, linked_records, register_view
from registry.gate.session import Session
from registry.processing.completeness import Completeness, completeness, missing
from registry.processing.lines import Line
from registry.processing.selection import Selection
from registry.storage.register import StoredEntry
from registry.storage.register_links import served

SERVED = 30
"""Exchanges that an entry's page shows."""
READ = 5_000
"""Lines that the completeness view reads; a larger register is judged on its first ones, and the page says so."""
_AT_ONCE = 200
_START = (0, 0)


@dataclass(frozen=True)
class RegisterPage:
    """Lines of a register as of `day`; `following` is where the next page begins, None on the last one."""

    day: date
    lines: list[Line]
    following: tuple[int, int] | None


async def register_list(
    session: Session, kind: str, day: date | None, selection: Selection, after: tuple[int, int], limit: int
) -> RegisterPage:
    """A page of the register that the caller's party keeps. Raises Forbidden as `own_scope`."""
    chosen = day or session.today
    lines, following = await register_view(session, session.actor.party, kind, chosen, selection, after, limit)
    return RegisterPage(chosen, lines, following)


@dataclass(frozen=True)
class Served:
    """An exchange that an entry serves: its summary, since when, and until when if it ended."""

    exchange: dict[str, Any]
    since: str
    until: str | None


@dataclass(frozen=True)
class EntryPage:
    """An entry, its versions newest first (each with what it changed, in words), the exchanges it serves, the records
    of one of them (`chosen`) side by side, and the names of the parties by id."""

    stored: StoredEntry
    complete: Completeness
    versions: list[dict[str, Any]]
    served: list[Served]
    chosen: dict[str, Any] | None
    linked: LinkedRecords | None
    names: dict[str, str]


async def entry_page(session: Session, entry_id: str, exchange: str | None) -> EntryPage:
    """An entry of the party's registers; `exchange` chooses the one whose records are compared, by default the latest.

    Raises NotFound.
    """
    party = session.actor.party
    stored = await entry_view(session, party, entry_id)
    versions = await entry_versions(session, party, entry_id)
    rows = await served(session.tx, entry_id, party, SERVED)
    found = [Served(msgspec.json.decode(summary), since, until) for _, since, until, summary in rows]
    chosen = next((one.exchange for one in found if exchange in {None, one.exchange["id"]}), None)
    linked = await linked_records(session, chosen["id"]) if chosen is not None else None
    lacks = completeness(stored.entry.record, stored.kind)
    parties = [one.exchange[side] for one in found for side in ("holder", "requester")]
    names = await party_names(session, [stored.entry.party, *parties, *(linked.entries if linked else ())])
    return EntryPage(stored, lacks, versions[::-1], found, chosen, linked, names)


@dataclass(frozen=True)
class CompletenessView:
    """How complete a register is today: `read` lines, of which `complete`; how often each thing lacks (sentences, most
    frequent first); a page of the incomplete lines, and where the next one begins. `whole`: no line was left unread."""

    read: int
    complete: int
    lacking: list[tuple[str, int]]
    lines: list[tuple[Line, Completeness]]
    following: tuple[int, int] | None
    whole: bool


async def completeness_view(session: Session, kind: str, after: tuple[int, int], limit: int) -> CompletenessView:
    """What the party's register still lacks of article 30, drafts included, archived entries aside."""
    read = complete = 0
    often: Counter[str] = Counter()
    place: tuple[int, int] | None = _START
    while place is not None and read < READ:
        lines, place = await register_view(
            session, session.actor.party, kind, session.today, Selection(), place, _AT_ONCE
        )
        read += len(lines)
        for line in lines:
            lacking = completeness(line.record, kind).lacking if missing(line.record, kind) else []
            complete += not lacking
            often.update(lacking)
    page = await register_list(session, kind, None, Selection(incomplete=True), after, limit)
    shown = [(line, completeness(line.record, kind)) for line in page.lines]
    return CompletenessView(read, complete, often.most_common(), shown, page.following, place is None)
