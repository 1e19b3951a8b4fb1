"""The list of a party's exchanges as a person reads it: a page of it, how many there are, and the names of parties."""

from dataclasses import dataclass
from typing import Any

import msgspec

from registry.gate.reading import listed_as, overdue_today, requests_page
from registry.gate.session import Session
from registry.storage.lists import Place, counted

MOST = 1000
"""Beyond that many, exchanges are not counted."""


@dataclass(frozen=True)
class Listed:
    """`exchanges` are summaries, newest first; `total` is at most `MOST` + 1, None when
    it was not counted; `following` is the place where the next
    page begins, if any; `names` are those of every party of the caller's conventions, by id."""

    exchanges: list[dict[str, Any]]
    total: int | None
    following: Place | None
    names: dict[str, str]


async def listed(session: Session, filters: dict[str, str], after: Place | None, limit: int) -> Listed:
    """A page of the exchanges that the caller's party may see. Raises Forbidden as `requests_page`."""
    summaries, following = await requests_page(session, filters, after, limit)
    total: int | None
    if "q" in filters:  # counting would search again: what a page shows is known, and whether there is more
        total = len(summaries) if following is None and after is None else None
    else:
        chosen = overdue_today(session, filters)
        total = await counted(session.tx, await listed_as(session), chosen, session.today, MOST + 1)
    return Listed([msgspec.json.decode(one) for one in summaries], total, following, await party_names_of(session))


async def parties_standing(session: Session) -> dict[str, str]:
    """Who stands today for each party of the caller's conventions, by id: itself, or its successor."""
    return {
        party["id"]: convention.stands_for(party["id"], session.today)
        for convention in await session.own_conventions()
        for party in convention.parties()
    }


async def party_names_of(session: Session) -> dict[str, str]:
    """The names of every party of the caller's conventions, by id."""
    return {
        party["id"]: str(party["name"])
        for convention in await session.own_conventions()
        for party in convention.parties()
    }
