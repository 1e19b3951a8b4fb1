"""The terms that triggers use, as the vocabulary's `definitions` fix them: dates, blank, parties, DPO, texts."""

import calendar
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from schemas import vocabulary

Document = Mapping[str, Any]

_APPROVALS = frozenset({"approved", "approved_subject_to_conditions", "awaiting_conditions"})


def is_blank(value: Any) -> bool:
    """Null, absent, white space only, or a list that is empty or holds only blank values (definition « blank »)."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, (list, tuple)) and all(is_blank(item) for item in value)


def as_date(value: Any) -> date | None:
    """A calendar date, from a date or from ISO text; None when it is neither."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def add_months(day: date, months: int) -> date:
    """The same day that many months later, or the last day of a shorter month (definition « dates »)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return date.max if months > 0 else date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """The day that many days later; the last one of the calendar beyond it."""
    left = (date.max - day).days
    return day + timedelta(days=min(days, left))


def in_force_until(convention: Document) -> date:
    """The last day in force: the latest of the term and of the renewals' terms, or the termination if it is earlier."""
    terms = [as_date(convention.get("term")), *(as_date(r.get("term")) for r in convention.get("renewals") or [])]
    last = max((term for term in terms if term is not None), default=date.min)
    terminated = as_date(convention.get("terminated_on"))
    return terminated if terminated is not None and terminated < last else last


def party_of(convention: Document, party_id: Any) -> Document | None:
    """The party's record in the convention."""
    return next((p for p in convention.get("parties") or [] if p.get("id") == party_id), None)


def dpo_in_office(convention: Document, party_id: Any, day: date) -> set[str]:
    """The persons who are the party's DPO on a day, interim ones included; its successor's once it has ended."""
    seen: set[Any] = set()
    party = party_of(convention, party_id)
    while party is not None and party_id not in seen:
        seen.add(party_id)
        ended = as_date(party.get("valid_until"))
        if ended is None or ended >= day or party.get("successor") is None:
            break
        party_id = party["successor"]
        party = party_of(convention, party_id)
    return {d["person"] for d in (party or {}).get("dpo_designations") or [] if covers_day(d, day, "from", "until")}


def covers_day(dated: Document, day: date, begins: str, ends: str) -> bool:
    """Whether a dated thing covers a day; a null end has no end."""
    first, last = as_date(dated.get(begins)), as_date(dated.get(ends))
    return first is not None and first <= day and (last is None or day <= last)


def covers_path(path: str, changed: str) -> bool:
    """Whether a dotted path covers another: itself and everything below it."""
    return changed == path or changed.startswith(path + ".")


def departs(decision: Document, opinion: Document) -> bool:
    """Whether a decision departs from the opinion (definition « departs »)."""
    value, given = decision.get("value"), opinion.get("value")
    if decision.get("recommendations_not_followed"):
        return True
    if given == "unfavourable" and value in _APPROVALS:
        return True
    if given == "favourable_subject_to_conditions" and value == "approved":
        return True
    if given in {"favourable", "favourable_with_recommendations"} and value == "refused":
        return True
    excluded = decision.get("excluded_paths") or []
    return value in _APPROVALS and any(
        line.get("value") == "unfavourable" and not any(covers_path(path, line.get("path") or "") for path in excluded)
        for line in opinion.get("lines") or []
    )


_PLURAL = re.compile(r"([^\W\d_]{3})[sx]\b")
_APOSTROPHES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'"})


@lru_cache(maxsize=512)
def fold(text: str) -> str:
    """A text ready to be compared with a term list: NFC, casefold, apostrophes, plural endings (« term lists »).
    One evaluation asks for the same label a dozen times, hence the cache."""
    return _PLURAL.sub(r"\1", unicodedata.normalize("NFC", text).casefold().translate(_APOSTROPHES))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    listed = vocabulary()["term_lists"][name]
    parts = [*(_folded(term, False) for term in listed["terms"]), *(_folded(word, True) for word in listed["words"])]
    return re.compile("|".join(part.pattern for part in parts))


def matches(text: Any, name: str) -> bool:
    """Whether a text matches a term list of the vocabulary."""
    return isinstance(text, str) and _pattern(name).search(fold(text)) is not None


def term_as_written(text: str, name: str) -> str:
    """The first term or word of the list that the text holds, as the text writes it; as the list writes it where only
    folding reads it in the text (ligatures)."""
    listed = vocabulary()["term_lists"][name]
    written, folded = unicodedata.normalize("NFC", text), fold(text)
    for term, whole in [*((t, False) for t in listed["terms"]), *((w, True) for w in listed["words"])]:
        if _folded(term, whole).search(folded):
            found = _as_written(term, whole).search(written)
            return found.group() if found else str(term)
    return ""


@cache
def _folded(term: str, whole: bool) -> re.Pattern[str]:
    escaped = re.escape(fold(term))
    return re.compile(rf"\b{escaped}\b" if whole else escaped)


@cache
def _as_written(term: str, whole: bool) -> re.Pattern[str]:
    """The folded term with the endings and apostrophes that folding takes away."""
    parts = re.split(r"('|\W+)", fold(term))
    loose = "".join(
        "['\u2018\u2019\u02bc]" if part == "'" else re.escape(part) + ("[sx]?" if part[-1:].isalpha() else "")
        for part in parts
        if part
    )
    return re.compile(rf"\b{loose}\b" if whole else loose, re.IGNORECASE)
