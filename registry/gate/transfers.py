"""The transfers of a party, as an auditor reads them: who, when, why, who approved; only what the party may see."""

from dataclasses import dataclass

from registry.documents.transfers import transfer
from registry.gate.listing import party_names_of
from registry.gate.reading import require_reader
from registry.gate.session import Session
from registry.storage.accounts import emails
from registry.storage.transfers import Asked, Place, transfers_page


@dataclass(frozen=True)
class Transfers:
    """A page: (exchange's id, texts by column); where the next one begins; names of parties by id."""

    lines: list[tuple[str, dict[str, str]]]
    following: Place | None
    names: dict[str, str]


async def transfers(
    session: Session, order: str, asked: Asked, after: Place | None, limit: int, *, descending: bool
) -> Transfers:
    """A page of the approved exchanges that the caller's party may see. Raises Forbidden."""
    require_reader(session)
    rows = await transfers_page(session.tx, session.actor.party, order, asked, after, limit + 1, descending=descending)
    shown = rows[:limit]
    authors = {f.decision.decided_by for _, f in shown if f.decision} | {
        f.opinion.author for _, f in shown if f.opinion
    }
    people, names = dict(await emails(session.tx, [one for one in authors if one])), await party_names_of(session)
    lines = [(file.id, transfer(file, names, people)) for _, file in shown]
    return Transfers(lines, shown[-1][0] if len(rows) > limit else None, names)
