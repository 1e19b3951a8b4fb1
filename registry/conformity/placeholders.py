"""The placeholders of messages: each is defined once (vocabulary, `message_placeholders`), in French form."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from registry.conformity.countries import country_name
from registry.conformity.findings import Hit
from registry.conformity.reading import Reading, lines
from registry.conformity.terms import add_days, as_date, party_of, term_as_written
from registry.conformity.wording import placeholders
from schemas import label, vocabulary

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_UNKNOWN = "à préciser"


def params(message: str, r: Reading, hit: Hit) -> dict[str, str]:
    """The values of the placeholders that a check's message uses: those of the vocabulary, and thresholds by name."""
    return {
        name: _VALUES[name](r, hit) if name in _VALUES else _threshold(r.setting(name))
        for name in placeholders(message)
    }


def _threshold(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def french_date(day: date | None) -> str:
    """A date in French form: 1er janvier 2024, 31 décembre 2025."""
    if day is None:
        return _UNKNOWN
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def french_number(number: int) -> str:
    """A whole number with the French thousands separator (a narrow no-break space)."""
    return f"{number:,}".replace(",", "\u202f")


def _joined(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values if value) or _UNKNOWN


def _name(party: Mapping[str, Any] | None, otherwise: Any = None) -> str:
    return str(party["name"] if party else otherwise or _UNKNOWN)


def _label(enumeration: str, value: Any) -> str:
    return label(enumeration, value) if isinstance(value, str) else _UNKNOWN


def _article(enumeration: str, value: Any) -> str:
    described = vocabulary()["enumerations"][enumeration].get(value or "", {})
    return str(described.get("article") or value or _UNKNOWN)


def _successors(r: Reading, hit: Hit) -> list[Mapping[str, Any]]:
    """The successors of the parties that have ended, each once."""
    found = dict.fromkeys(party.get("successor") for party in hit.items)
    return [party for successor in found if (party := party_of(r.convention, successor)) is not None]


def _succession_dates(r: Reading, hit: Hit) -> str:
    days = [as_date(party.get("valid_from")) for party in _successors(r, hit)]
    return _joined([french_date(day) for day in dict.fromkeys(days) if day is not None])


def _register_label(key: str) -> str:
    keys = vocabulary()["keys"]["register_record"]
    return str(keys.get(key, keys.get(key + "[]", {})).get("label", key))


def _last_flow(r: Reading, _hit: Hit) -> str:
    days = [day for key in ("last_flow_on", "activated_on") if (day := as_date(r.file.get(key)))]
    return french_date(max(days, default=None))


def _overdue(r: Reading, _hit: Hit) -> str:
    due = as_date(r.file.get("next_review_on"))
    return str((r.today - due).days) if due else _UNKNOWN


def _dropped_on(r: Reading, hit: Hit) -> str:
    asked = as_date(hit.items[0].get("requested_on")) if hit.items else None
    level = (r.convention.get("service_levels") or {}).get("information_drop") or {"value": 30}
    return french_date(add_days(asked, level["value"])) if asked else _UNKNOWN


def _volume_count(r: Reading, _hit: Hit) -> str:
    count = r.volume.get("count")
    return french_number(count) if count is not None else "nombre à préciser de"


def _field(key: str) -> Callable[[Reading, Hit], str]:
    return lambda _r, hit: _joined([item.get(key) for item in hit.items])


_VALUES: dict[str, Callable[[Reading, Hit], str]] = {
    "term": lambda r, _: french_date(r.until),
    "terminated_on": lambda r, _: french_date(as_date(r.convention.get("terminated_on"))),
    "requested_on": lambda r, _: french_date(as_date(r.request.get("requested_on"))),
    "filed_on": lambda r, _: french_date(as_date(r.file.get("filed_on"))),
    "former_party": _field("name"),
    "successor": lambda r, hit: _joined([party.get("name") for party in _successors(r, hit)]),
    "succession_date": _succession_dates,
    "holder": lambda r, _: _name(r.holder, r.request.get("holder") or "la partie détentrice"),
    "requester": lambda r, _: _name(r.requester, r.request.get("requester") or "la partie demanderesse"),
    "party": lambda r, hit: _name(party_of(r.convention, hit.subject), hit.subject),
    "changed_keys": lambda _, hit: _joined(list(hit.items)),
    "version": lambda r, _: str(r.file.get("version") or _UNKNOWN),
    "article_6": lambda r, _: _label("article_6", r.basis.get("article_6")),
    "vague_term": lambda r, _: term_as_written(r.purposes.get("main") or "", "vague_purpose"),
    "initial_purpose": lambda r, _: str(r.origin.get("initial_purpose") or _UNKNOWN),
    "main_purpose": lambda r, _: str(r.purposes.get("main") or _UNKNOWN),
    "data_items": _field("label"),
    "data_items_count": lambda r, _: str(len(r.items)),
    "volume_count": _volume_count,
    "article_9_2_exception": lambda _, hit: _joined(
        list(dict.fromkeys(_article("article_9_2_exception", i.get("article_9_2_exception")) for i in hit.items))
    ),
    "months": lambda _, hit: str(hit.items[0].get("months")) if hit.items else _UNKNOWN,
    "retention_category": lambda _, hit: str(hit.items[0].get("category") or _UNKNOWN) if hit.items else _UNKNOWN,
    "article_14_exception": lambda r, _: _article("article_14_exception", r.information.get("article_14_exception")),
    "processor_name": _field("name"),
    "recipient_label": _field("label"),
    "decided_on": lambda r, _: french_date(as_date(r.decision.get("decided_on"))),
    "channel_kind": lambda r, _: _label("channel_kind", r.channel.get("kind")),
    "national_service": lambda r, _: str(r.channel.get("national_service") or _UNKNOWN),
    "criteria_count": lambda r, _: str(len({c for c in lines(r.dpia, "criteria") if c})),
    "cnil_list_type": lambda r, _: _label("cnil_list_type", r.dpia.get("cnil_list_type")),
    "cnil_exemption": lambda r, _: _label("cnil_exemption", r.dpia.get("cnil_exemption")),
    "transfer_country": lambda _, hit: _joined([country_name(item.get("country")) for item in hit.items]),
    "transfer_recipient": _field("recipient"),
    "open_data_alternative": lambda r, _: _joined(lines(r.request, "open_data_alternatives")),
    "missing_record_keys": lambda _, hit: _joined([_register_label(key) for key in hit.items]),
    "recommendation_number": lambda _, hit: hit.subject,
    "days_overdue": _overdue,
    "last_flow_on": _last_flow,
    "frequency": lambda r, _: _label("frequency", r.request.get("frequency")),
    "information_requested_on": lambda _, hit: french_date(
        as_date(hit.items[0].get("requested_on")) if hit.items else None
    ),
    "dropped_on": _dropped_on,
    "active_count": lambda _, hit: str(hit.items[0]) if hit.items else _UNKNOWN,
}
