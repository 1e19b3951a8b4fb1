"""One entry of a register: what it says, its versions, the exchanges it serves, and both parties' records of one."""

from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.acts import ACTS
from registry.gate.register_reading import SERVED, EntryPage, entry_page
from registry.processing.fields import RECORD_SCHEMAS
from registry.processing.normal import normal
from schemas import schema
from server.api.http import gate_of, parameters, uuid_of
from server.auth.browser import caller_of, signed_in
from server.pages.register import manages
from server.pages.rendering import Call, page
from server.pages.words import Item, Line, line, lines

_SHARED = (
    "title", "purposes", "categories_of_data_subjects", "categories_of_personal_data", "categories_of_recipients",
    "transfers", "joint_controllers",
)  # fmt: skip
"""What both parties' records say of an exchange; the rest of a record is its own party's affair."""
_VERSIONS = 20


@get("/registre/fiches/{entry:str}", name="register_entry")
async def entry(request: Call, entry: FromPath[str]) -> Response[str]:
    """One entry; `exchange` chooses which of the exchanges it serves is compared."""
    given, identifier = parameters(request, ("exchange", "lang")), uuid_of(entry)
    exchange = uuid_of(given["exchange"]) if given.get("exchange") else None
    found = await gate_of(request).read(caller_of(request), lambda session: entry_page(session, identifier, exchange))
    stored, record = found.stored, dict(normal(dict(found.stored.entry.record)))
    described = schema(RECORD_SCHEMAS[stored.kind])
    shown: dict[str, Any] = {
        "found": found,
        "stored": stored,
        "entry": stored.entry,
        "record": record,
        "lines": _answers(described["properties"], record),
        "versions": found.versions[:_VERSIONS],
        "older": len(found.versions) - _VERSIONS,
        "most": SERVED,
        "sides": _sides(found),
        "compared": [found.names.get(one.entry.party, one.entry.party) for one in _ordered(found)],
        "party": signed_in(request).browser.party,
        "manages": manages(request),
        "confirms": ACTS["register-confirmations"].label,
    }
    return page(request, "register_entry.html", **shown)


def _answers(described: dict[str, Any], record: dict[str, Any]) -> list[Line]:
    shown = [key for key in described if key in record and key != "record_reference"]
    return [_grouped(key, described[key], record[key]) for key in shown]


def _grouped(key: str, described: dict[str, Any], value: Any) -> Line:
    """One answer; of a part that has several, each with its own title, so that none is without its subject."""
    if "properties" not in described:
        return line(key, described, value)
    items = []
    for one in lines(described, value):
        text = one.text or " ; ".join(item.text for item in one.items)
        items.append(Item(f"{one.title} : {text}"))
    return Line(described["title"], items=tuple(items))


def _sides(found: EntryPage) -> list[tuple[str, list[Line | None]]]:
    """The shared fields, each with what every party's record says of it (None: nothing), holder first."""
    if found.chosen is None or found.linked is None:
        return []
    described = schema(RECORD_SCHEMAS["controller"])["properties"]
    records = [normal(dict(stored.entry.record)) for stored in _ordered(found)]
    return [
        (
            described[key]["title"],
            [line(key, described[key], record[key]) if key in record else None for record in records],
        )
        for key in _SHARED
        if any(key in record for record in records)
    ]


def _ordered(found: EntryPage) -> list[Any]:
    """The entries of the exchange that is compared: the holder's, the requester's, then other controllers'."""
    if found.chosen is None or found.linked is None:
        return []
    first = [found.chosen["holder"], found.chosen["requester"]]
    entries = found.linked.entries
    names = [*(p for p in first if p in entries), *(p for p in entries if p not in first)]
    return [entries[party] for party in names]


HANDLERS = [entry]
