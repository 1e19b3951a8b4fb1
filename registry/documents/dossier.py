"""What every document reads: the file of the exchange, its convention, and the names of those it speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from registry.convention import Convention
from registry.exchange.changes import without_paths
from registry.exchange.file import File, Recommendation
from registry.processing.differences import french_day, in_words
from registry.processing.normal import normal
from schemas import label, schema

TO_FILL = "[à compléter]"
"""What a draft leaves to people."""


@dataclass(frozen=True)
class Dossier:
    """An exchange as its documents read it. `findings` are the sentences of what the checks say of it today; `reader`
    is the party for which the document is made, at `made_at`, an aware instant whose Paris day is `today`."""

    file: File
    convention: Convention
    findings: list[str]
    reader: str
    made_at: datetime
    today: date

    @cached_property
    def request(self) -> dict[str, Any]:
        """The request in normal form, without the lines that the decision left out."""
        excluded = self.file.decision.excluded_paths if self.file.decision else []
        found: dict[str, Any] = normal(without_paths(self.file.request, excluded))
        return found

    def name(self, party: str) -> str:
        """A party's name."""
        return str((self.convention.party(party) or {}).get("name") or party)

    def contact(self, party: str, function: str) -> str:
        """The title of a function of a party (`controller`, `dpo`, `dpo_email`…), to be filled when not known."""
        contacts = (self.convention.party(party) or {}).get("contacts") or {}
        return str(contacts.get(function) or TO_FILL)

    @property
    def holder(self) -> str:
        """The holder's name."""
        return self.name(self.file.holder)

    @property
    def requester(self) -> str:
        """The requester's name."""
        return self.name(self.file.requester)

    @property
    def subject(self) -> str:
        """The exchange in one line."""
        return f"{self.file.reference} — {self.request.get('title') or 'Échange sans intitulé'}"

    @property
    def under(self) -> str:
        """The convention and the article under which everything is done."""
        return f"{self.convention.document['title']} ({self.convention.document['short_name']}), article 7"

    def words(self, *keys: str) -> list[tuple[str, str]]:
        """Top-level answers of the request, those that are filled, as titles and texts; all of them without keys."""
        properties: Mapping[str, Any] = schema("request")["properties"]
        named = {"requester": self.requester, "holder": self.holder}
        return [
            (properties[key]["title"], named.get(key) or _lines(properties[key], self.request[key]))
            for key in (keys or properties)
            if key in self.request
        ]

    def text(self, key: str) -> str:
        """One top-level answer in words, to be filled when it is not."""
        return dict(self.words(key)).get(schema("request")["properties"][key]["title"], TO_FILL)


def _lines(described: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(f"• {in_words(described['items'], item)}" for item in value)
    if "properties" in described:
        return "\n".join(
            f"{item['title']} : {in_words(item, value[key])}"
            for key, item in described["properties"].items()
            if key in value
        )
    return in_words(described, value)


def condition(item: Recommendation) -> str:
    """A recommendation or condition, in one sentence."""
    kind = "Condition préalable" if item.prior else "Recommandation"
    due = f", pour le {french_day(item.due_on)}" if item.due_on else ""
    return f"{kind} n° {item.number}{due} : {item.text} ({label('recommendation_status', item.status).lower()})"


def on(day: date | None) -> str:
    """A day in a sentence, to be filled when not known."""
    return french_day(day) if day else TO_FILL
