"""Acts of an exchange's life that are told otherwise than answer by answer: what matters of them is their sum."""

from collections.abc import Callable
from datetime import date

from registry.exchange.events import Event
from registry.exchange.file import STUDY_PARTS
from registry.processing.differences import french_date, french_day
from schemas import label, schema
from server.pages.words import Item, Line

_NARROW = "\N{NARROW NO-BREAK SPACE}"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", _NARROW)


def _flows(event: Event) -> list[Line]:
    """How many flows, of which days, how much in all, and what was marked: a log is read in its own page."""
    flows = event.input["flows"]
    days = sorted(date.fromisoformat(flow["sent_on"]) for flow in flows)
    period = french_day(days[0]) if days[0] == days[-1] else f"du {french_day(days[0])} au {french_day(days[-1])}"
    found = [
        Line("Envois ou consultations", _number(len(flows))),
        Line("Jours", period),
        Line("Volume", _number(sum(flow["volume"] for flow in flows))),
    ]
    marks = [mark for one in event.derived["marks"] for mark in one]
    counted = [f"{label('flow_mark', mark)} : {_number(marks.count(mark))}" for mark in dict.fromkeys(marks)]
    return [*found, Line("À vérifier", items=tuple(map(Item, counted)))] if counted else found


def _adoption(event: Event) -> list[Line]:
    """Whose study and opinion are taken again, and what they concluded."""
    given = event.input
    found = [Line("Demande d'origine", event.derived["source_reference"])]
    found += [
        Line(label("study_part", part), label("study_conclusion", given[part]["conclusion"])) for part in STUDY_PARTS
    ]
    found.append(Line("Sens de l'avis", label("opinion_value", given["opinion"]["value"])))
    return [*found, Line("Observations", given["text"])] if given.get("text") else found


def _existing(event: Event) -> list[Line]:
    titles = {
        key: str(part["title"]) for key, part in schema("existing_exchange")["properties"].items() if key != "request"
    }
    given = event.input
    found = [Line(titles[key], french_date(given[key])) for key in ("since", "deadline")]
    return [*found, Line(titles["papers"], given["papers"])] if given.get("papers") else found


def _replacement(event: Event) -> list[Line]:
    return [Line("Par l'échange", event.derived["reference"])]


def _nothing(event: Event) -> list[Line]:
    return []


TOLD: dict[str, Callable[[Event], list[Line]]] = {
    "flows": _flows,
    "adoption": _adoption,
    "existing-exchange": _existing,
    "replacement": _replacement,
    "modification": _nothing,
}
