"""The indicators of a convention, for its steering committee, its secretariat and its parties' readers."""

from registry.authorisation import require
from registry.documents.report import report
from registry.exports.pdf import Pdf
from registry.gate.conventions import alerts_of
from registry.gate.session import Session
from registry.indicators.board import Board, board
from registry.indicators.figures import STEPS
from registry.refusals import NotFound
from registry.storage.conventions import convention_ids
from registry.storage.figures import CATEGORIES, counts_of, days_of, followed_counts


async def indicators(session: Session, convention_id: str, year: int | None) -> tuple[str, Board]:
    """The convention's title and its indicators, of the exchanges filed in a year or in all. Raises NotFound."""
    convention = (await session.convention(convention_id)).convention
    require(session.actor.roles, "indicators.read")
    categories = {name: await counts_of(session.tx, convention_id, name) for name in CATEGORIES}
    followed = await followed_counts(session.tx, convention_id, session.today)
    days = {step: await days_of(session.tx, convention_id, step) for step in STEPS}
    parties = {str(party["id"]): str(party["name"]) for party in convention.parties()}
    found = board(categories, followed, days, parties, year)
    if year is not None and year not in found.years:
        raise NotFound("Aucune demande n'a été déposée cette année-là.")
    return str(convention.document["title"]), found


async def report_of(session: Session, convention_id: str, year: int | None) -> Pdf:
    """The committee's report of a year, or the account of every year. Raises NotFound."""
    _, found = await indicators(session, convention_id, year)
    convention = (await session.convention(convention_id)).convention
    return report(convention, found, await alerts_of(session, convention), session.now, session.today)


async def own_conventions(session: Session) -> list[str]:
    """The ids of the conventions of the caller's party."""
    require(session.actor.roles, "indicators.read")
    found = []
    for convention_id in await convention_ids(session.tx):
        loaded = await session.conventions.load(session.tx, convention_id)
        if loaded is not None and loaded.convention.party(session.actor.party) is not None:
            found.append(convention_id)
    return found
