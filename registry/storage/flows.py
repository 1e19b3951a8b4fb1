"""The projection of the log of flows: one row for each, numbered along the exchange."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.exchange.events import Event
from registry.storage.engines import Transaction

COLUMNS = ("exchange", "number", "sent_on", "volume", "channel", "digest", "marks", "party", "recorded_on")


@dataclass(frozen=True)
class Logged:
    """A flow as it was logged; `marks` say what looked wrong in it (vocabulary, `flow_mark`)."""

    number: int
    sent_on: str
    volume: int
    channel: str
    digest: str | None
    marks: tuple[str, ...]
    party: str
    recorded_on: str


def flow_rows(exchange: str, events: Iterable[Event], first: int = 1) -> list[tuple[object, ...]]:
    """The rows of some events of an exchange, in order; `first` is the number of the first flow among them."""
    told = [(event, flow, marks) for event in events if event.act == "flows" for flow, marks in _marked(event)]
    return [
        (
            exchange, number, flow["sent_on"], flow["volume"], flow["channel"], flow.get("digest"), " ".join(marks),
            event.party, event.on.isoformat(),
        )
        for number, (event, flow, marks) in enumerate(told, first)
    ]  # fmt: skip


def _marked(event: Event) -> list[tuple[dict[str, object], list[str]]]:
    return list(zip(event.input["flows"], event.derived["marks"], strict=True))


async def add_flows(tx: Transaction, exchange: str, event: Event, first: int) -> None:
    """Project the flows of one event."""
    marks = ", ".join("?" for _ in COLUMNS)
    sql = f"INSERT INTO flow ({', '.join(COLUMNS)}) VALUES ({marks})"
    await tx.execute_many(sql, flow_rows(exchange, [event], first))


_KNOWN = 200
"""Digests asked for in one statement."""


async def known_digests(tx: Transaction, exchange: str, digests: Sequence[str]) -> frozenset[str]:
    """Which of these digests the exchange's log holds already."""
    found: set[str] = set()
    for begin in range(0, len(digests), _KNOWN):
        some = digests[begin : begin + _KNOWN]
        marks = ", ".join("?" for _ in some)
        rows = await tx.rows(f"SELECT digest FROM flow WHERE exchange = ? AND digest IN ({marks})", exchange, *some)
        found |= {row[0] for row in rows}
    return frozenset(found)


def flows_query(*, before: bool) -> str:
    """The log's query, newest first, before a number if any: it walks the key."""
    older = "AND number < ? " if before else ""
    return f"SELECT {', '.join(COLUMNS[1:])} FROM flow WHERE exchange = ? {older}ORDER BY number DESC LIMIT ?"


async def flows_page(tx: Transaction, exchange: str, before: int | None, limit: int) -> list[Logged]:
    """At most `limit` flows, the latest logged first."""
    values = [exchange, *([before] if before is not None else []), limit]
    rows = await tx.rows(flows_query(before=before is not None), *values)
    return [Logged(row[0], row[1], row[2], row[3], row[4], tuple(row[5].split()), row[6], row[7]) for row in rows]
