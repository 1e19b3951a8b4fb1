"""The versions of a request document: which act wrote each, and two of them read back to be compared."""

from dataclasses import dataclass
from datetime import date

from registry.exchange.file import Document
from registry.gate.exchanges import load_request
from registry.gate.reading import require_reader
from registry.gate.session import Session
from registry.refusals import NotFound
from registry.storage.accounts import emails
from registry.storage.events import history
from registry.storage.versions import Written, written


@dataclass(frozen=True)
class Version:
    """A version: the act that wrote it (`correction` is one that is accepted, or still waits for an answer), by whom,
    for which party, when; `by` is empty once that account was erased."""

    number: int
    revision: int
    act: str
    by: str
    party: str
    on: date


@dataclass(frozen=True)
class Compared:
    """Two versions of a request, with what each says; `current` is the one in force."""

    versions: list[Version]
    before: Version
    after: Version
    old: Document
    new: Document
    current: int
    reference: str


async def versions_of(session: Session, request_id: str) -> list[Version]:
    """Every version of an exchange's request, oldest first."""
    require_reader(session)
    await load_request(session, request_id)
    found = await written(session.tx, request_id)
    people = await emails(session.tx, {one.by for one in found.values()})
    return [_version(number, one, people.get(one.by, "")) for number, one in sorted(found.items())]


def _version(number: int, one: Written, by: str) -> Version:
    return Version(number, one.revision, one.act, by, one.party, one.on)


async def compared(session: Session, request_id: str, before: int | None, after: int | None) -> Compared:
    """Two versions; by default the last one that was written and the one before it. Raises NotFound."""
    versions = await versions_of(session, request_id)
    numbers = [one.number for one in versions]
    last = after if after is not None else numbers[-1]
    first = before if before is not None else max((n for n in numbers if n < last), default=last)
    chosen = {one.number: one for one in versions if one.number in {first, last}}
    if first not in chosen or last not in chosen:
        raise NotFound("Cette version de la demande n'existe pas.")
    file = (await load_request(session, request_id)).file
    old, new = [await _document(session, request_id, chosen[number]) for number in (first, last)]
    return Compared(versions, chosen[first], chosen[last], old, new, file.version, file.reference)


async def _document(session: Session, request_id: str, version: Version) -> Document:
    (stored,) = await history(session.tx, request_id, session.vault.unwrap, after=version.revision - 1, limit=1)
    given = stored.event.input
    document: Document = given["request"] if version.act == "correction" else given
    return document
