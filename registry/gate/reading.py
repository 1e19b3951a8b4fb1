"""Reads: one exchange, lists, timeline, register; projections only, each inside what the caller's party may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.conformity import People
from registry.exchange.context import Context
from registry.exchange.deadlines import Clock, clocks
from registry.exchange.decide.filing import open_stages, own_stages
from registry.exchange.file import File
from registry.gate.exchanges import load_request, open_acts
from registry.gate.findings import Checked, checked
from registry.gate.session import Session, new_id
from registry.processing.agreement import Disagreement, Side, disagreements
from registry.processing.differences import differences
from registry.processing.lines import Line
from registry.processing.selection import Selection
from registry.refusals import NotFound
from registry.storage.accounts import emails
from registry.storage.conventions import convention_ids, load_convention
from registry.storage.events import Stored, history
from registry.storage.exchanges import Loaded
from registry.storage.findings import seen_findings
from registry.storage.lists import Place, page
from registry.storage.register import StoredEntry, entries_of, load_entry, register_page, versions

Document = dict[str, Any]


def require_reader(session: Session) -> None:
    """Refuse those whose roles give no access to files: committee, secretariat, administrators (convention art. 14)."""
    session.require("exchange.read")


@dataclass(frozen=True)
class RequestView:
    """An exchange as its parties read it; `revision` is that of its last act, `stages` are those that the
    caller may answer now, `own_stages` those asked of the caller, who alone declares them answered."""

    file: File
    revision: int
    checked: Checked
    acts: list[str]
    people: dict[str, str]
    clocks: list[Clock]
    stages: frozenset[str]
    own_stages: frozenset[str]


async def request_view(session: Session, request_id: str) -> RequestView:
    """One exchange, with its findings of today, the acts open to the caller and the people it names."""
    session.require("exchange.list")
    return await view_of(session, await load_request(session, request_id))


async def view_of(session: Session, loaded: Loaded, others: Iterable[str] = ()) -> RequestView:
    """An exchange that the caller was given to read; `people` names `others` too."""
    convention = await session.convention_of(loaded)
    context = Context(session.actor, session.today, convention, People({}), new_id)
    return RequestView(
        loaded.file,
        loaded.revision,
        checked(
            loaded.file,
            convention,
            session.today,
            await seen_findings(session.tx, loaded.convention, [loaded.file.id]),
        ),
        open_acts(loaded.file, context),
        dict(await emails(session.tx, [*_people(loaded.file), *others])),
        clocks(loaded.file, convention, session.today),
        frozenset(open_stages(loaded.file, context)),
        frozenset(own_stages(loaded.file, context)),
    )


def _people(file: File) -> Iterable[str]:
    named = [file.created_by, file.submitted_by, file.substitute]
    named += [part.author for part in file.study.values()]
    named += [file.opinion.author] if file.opinion else []
    signed = [one for one in (file.decision, file.acceptance) if one is not None]
    named += [file.decision.decided_by] if file.decision else []
    named += [file.acceptance.accepted_by] if file.acceptance else []
    named += [one.paper.recorded_by for one in signed if one.paper is not None]
    named += [c.confirmed_by for c in file.register_confirmations]
    named += [o.overridden_by for o in file.overrides]
    named += [message.sent_by for message in file.messages]
    named += [review.reviewed_by for review in file.reviews] + [incident.reported_by for incident in file.incidents]
    named += [suspension.suspended_by for suspension in file.suspensions]
    named += [file.closure_certificate.signed_by] if file.closure_certificate else []
    return [person for person in named if person is not None]


async def requests_page(
    session: Session, filters: dict[str, str], after: Place | None, limit: int
) -> tuple[list[bytes], Place | None]:
    """A page of summaries (JSON bytes), newest first (overdue ones: the longest overdue first), and the place where the
    next page begins, if any."""
    session.require("exchange.list")
    rows = await page(
        session.tx, await listed_as(session), overdue_today(session, filters), session.today, after, limit + 1
    )
    shown = rows[:limit]
    return [summary for _, summary in shown], shown[-1][0] if len(rows) > limit else None


def overdue_today(session: Session, filters: dict[str, str]) -> dict[str, str]:
    """The filters, `overdue` as the day before which a deadline is past."""
    return {**filters, "overdue": session.today.isoformat()} if "overdue" in filters else filters


async def listed_as(session: Session) -> list[str]:
    """The caller's party, then those whose exchanges it sees because it succeeds them."""
    found = [session.actor.party]
    for convention in await session.own_conventions():
        heirs = ((party["id"], convention.heirs(party["id"])) for party in convention.parties())
        found += [party for party, known in heirs if session.actor.party in known and party not in found]
    return found


async def timeline(session: Session, request_id: str, after: int, limit: int) -> tuple[list[Stored], dict[str, str]]:
    """At most `limit + 1` events of an exchange after a revision, and the e-mail addresses of those they name."""
    session.require("exchange.list")
    await load_request(session, request_id)
    events = await history(session.tx, request_id, session.vault.unwrap, after=after, limit=limit + 1)
    return events, dict(await emails(session.tx, named_in(events)))


def named_in(events: Iterable[Stored]) -> set[str]:
    """The accounts that events name: their authors, and those they are about."""
    about = {stored.event.derived.get("person") for stored in events}
    return {stored.event.by for stored in events} | {person for person in about if person}


async def own_scope(session: Session, party: str, right: str = "register.read") -> list[str]:
    """The parties whose register `party` holds (its predecessors' once recorded); only its own people may ask, for
    what their functions give a right to."""
    if party != session.actor.party:
        raise NotFound("Ce registre n'existe pas.")
    session.require(right)
    scope: list[str] = [party]
    for convention_id in await convention_ids(session.tx):
        found = await load_convention(session.tx, convention_id)
        if found is not None:
            scope += [p for p in session.scope(found.convention) if p not in scope]
    return scope


async def register_view(
    session: Session, party: str, kind: str, day: date, selection: Selection, after: tuple[int, int], limit: int
) -> tuple[list[Line], tuple[int, int] | None]:
    """A page of the lines that are asked for, as of a day, and the place (party index, position) where the next page
    begins."""
    scope = await own_scope(session, party)
    index, position = after
    lines: list[Line] = []
    while index < len(scope):
        read = await register_page(session.tx, scope[index], kind, day, position, _BATCH)
        lines += [line for line in read if selection.holds(line)]
        if len(lines) > limit:
            last = lines[limit - 1]
            return lines[:limit], (scope.index(last.party), last.position)
        index, position = (index, read[-1].position) if len(read) == _BATCH else (index + 1, 0)
    return lines, None


_BATCH = 200
"""Lines read at once: a filter may keep few of them."""


async def entry_view(session: Session, party: str, entry_id: str) -> StoredEntry:
    """One entry of the party's register. Raises NotFound."""
    stored = await load_entry(session.tx, entry_id, await own_scope(session, party))
    if stored is None:
        raise NotFound("Cette fiche n'existe pas dans votre registre.")
    return stored


async def entry_versions(session: Session, party: str, entry_id: str) -> list[Document]:
    """Every version of an entry, oldest first, each with what it changed, in words."""
    stored = await entry_view(session, party, entry_id)
    found: list[Document] = []
    for version, since, until, record in await versions(session.tx, entry_id):
        changes = differences(found[-1]["record"], record, stored.kind) if found else []
        found.append({"version": version, "since": since, "until": until, "changes": changes, "record": record})
    return found


@dataclass(frozen=True)
class LinkedRecords:
    """The records that an exchange stands on, by party, and the points on which they disagree."""

    entries: dict[str, StoredEntry]
    disagreements: list[Disagreement]


async def linked_records(session: Session, request_id: str) -> LinkedRecords:
    """The record that each controller confirmed last for an exchange, else the one drafted for it, compared.

    Both parties may ask: what is compared is what they share of the exchange.
    """
    session.require("exchange.list")
    return await records_of(session, await load_request(session, request_id))


async def records_of(session: Session, loaded: Loaded) -> LinkedRecords:
    """The records of an exchange that the caller was given to read."""
    file, convention = loaded.file, await session.convention_of(loaded)
    chosen = {**file.register_entries, **{c.party: c.entry for c in file.register_confirmations}}
    stored = {entry.entry.id: entry for entry in await entries_of(session.tx, list(chosen.values()), kept=False)}
    entries = {party: stored[entry] for party, entry in chosen.items() if entry in stored}

    def side(party: str) -> Side:
        found = entries.get(party)
        name = (convention.party(party) or {}).get("name") or party
        return Side(str(name), found.entry.record if found else None)

    return LinkedRecords(entries, disagreements(side(file.holder), side(file.requester)))
