"""Which lines of a register are asked for: a small set of filters, for lists and exports alike."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from registry.conformity.terms import as_date
from registry.processing.completeness import missing
from registry.processing.fields import value_at
from registry.processing.lines import Line, redacted

STATUSES = ("draft", "confirmed", "archived")
DEFAULT_STATUSES = {"full": frozenset({"draft", "confirmed"}), "public": frozenset({"confirmed"})}


@dataclass(frozen=True)
class Selection:
    """Filters that must all hold; None asks nothing.

    `status` is a line's (archived lines are only shown when asked for); `field` and `state` those of its exchange, as
    they are today; `legal_basis` an id of article 6; `category` a CNIL category of data; `q` words that the record
    holds, whatever their case and accents; `review_before` the day before which a review is due; `entry` one record;
    `incomplete` keeps only records that lack something article 30 requires (for reading: no export is cut so).
    """

    audience: str = "full"
    status: str | None = None
    field: str | None = None
    state: str | None = None
    legal_basis: str | None = None
    category: str | None = None
    q: str | None = None
    review_before: date | None = None
    entry: str | None = None
    incomplete: bool = False

    @cached_property
    def _words(self) -> list[str]:
        return folded(self.q or "").split()

    @property
    def filters(self) -> dict[str, str]:
        """The filters asked for, by name; empty for a complete register."""
        names = ("status", "field", "state", "legal_basis", "category", "q", "review_before", "entry")
        return {name: str(value) for name in names if (value := getattr(self, name)) is not None}

    def holds(self, line: Line) -> bool:
        """Whether a line is asked for. A draft is never public."""
        statuses = DEFAULT_STATUSES[self.audience] if self.status is None else {self.status}
        if line.status not in statuses or (self.audience == "public" and not line.confirmed):
            return False
        return (
            (self.entry is None or line.entry == self.entry)
            and (self.field is None or line.field == self.field)
            and (self.state is None or line.state == self.state)
            and (not self.incomplete or bool(missing(line.record, line.kind)))
            and self._of_record(line)
        )

    def _of_record(self, line: Line) -> bool:
        record = line.record
        if self.legal_basis is not None and value_at(record, "supplement.legal_basis.article_6") != self.legal_basis:
            return False
        if self.category is not None and not any(
            item.get("category") == self.category for item in record.get("categories_of_personal_data") or []
        ):
            return False
        if self.review_before is not None and not self._review_due(record, self.review_before):
            return False
        shown = redacted(record, line.kind) if self.audience == "public" else record
        return not self._words or self._says(shown)

    @staticmethod
    def _review_due(record: dict[str, Any], before: date) -> bool:
        due = as_date(value_at(record, "supplement.next_review_on") or record.get("next_review_on"))
        return due is not None and due < before

    def _says(self, record: dict[str, Any]) -> bool:
        text = folded("\n".join(_texts(record)))
        return all(word in text for word in self._words)


def folded(text: str) -> str:
    """Lower case without accents, for comparing what people type."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("œ", "oe").replace("’", "'")


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in _texts(item)]
