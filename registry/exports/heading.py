"""What an export says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from registry.clock import timestamp

Document = dict[str, Any]
REDACTED = "Non communiqué : secret protégé par la loi (CRPA, art. L. 311-5 et L. 311-6)."
"""What a public export shows in the place of what it keeps back."""


@dataclass(frozen=True)
class Heading:
    """Which register of whom, as of the end of which Paris day, for which audience, with which filters; when it was
    exported (aware instant) and by which account, None for the operator of the installation.

    `controller` and `officer` are contacts (keys of the record's `controller`) of the party itself.
    """

    party: str
    party_name: str
    as_of: date
    audience: str
    exported_at: datetime
    kind: str = "controller"
    exported_by: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    insee: str | None = None
    controller: Mapping[str, str] = field(default_factory=dict)
    officer: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether the export holds the whole register: no filter, nothing kept back."""
        return self.audience == "full" and not self.filters

    @property
    def title(self) -> str:
        """The export's title, for people."""
        if self.kind == "processor":
            return f"Registre des activités de sous-traitance — {self.party_name}"
        return f"Registre des activités de traitement — {self.party_name}"

    @classmethod
    def of(cls, document: Document) -> "Heading":
        """The heading that `document` describes. Raises KeyError, TypeError or ValueError when it describes none."""
        return cls(
            party=document["party"],
            party_name=document["party_name"],
            as_of=date.fromisoformat(document["as_of"]),
            audience=document["audience"],
            exported_at=datetime.fromisoformat(document["exported_at"]),
            kind=document["kind"],
            exported_by=document["exported_by"],
            filters=document["filter"],
            controller=document["controller"],
            officer=document["officer"],
        )

    def document(self) -> Document:
        """The heading as JSON values."""
        return {
            "party": self.party,
            "party_name": self.party_name,
            "kind": self.kind,
            "as_of": self.as_of.isoformat(),
            "audience": self.audience,
            "filter": dict(self.filters),
            "complete": self.complete,
            "exported_at": timestamp(self.exported_at),
            "exported_by": self.exported_by,
            "controller": dict(self.controller),
            "officer": dict(self.officer),
        }
