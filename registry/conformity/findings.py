"""What a check finds, and how a finding is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.conformity.alternatives import Alternative
from registry.conformity.catalogue import Check


@dataclass(frozen=True)
class Finding:
    """One finding of a check, as the rules of its convention word it. `pointers` (RFC 6901) lead into the request;
    `params` fill the message; `subject` tells apart several findings of one check (a party, a recommendation's
    number)."""

    check: Check
    pointers: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    alternatives: tuple[Alternative, ...] = ()

    @property
    def id(self) -> str:
        """The check's id."""
        return self.check.id

    @property
    def severity(self) -> str:
        """The check's severity."""
        return self.check.severity

    @property
    def blocks(self) -> bool:
        """Whether the finding closes the gate. What a jurist has still to check never does by itself."""
        return self.severity == "blocking" and self.check.confidence != "to_check"


@dataclass(frozen=True)
class People:
    """Who holds which role for which party on the day of the act: user -> party -> roles."""

    roles: Mapping[str, Mapping[str, frozenset[str]]]

    def holds(self, user: Any, role: str, parties: set[str]) -> bool:
        """Whether the user holds the role for one of these parties."""
        held = self.roles.get(user, {})
        return any(role in held.get(party, frozenset()) for party in parties)


@dataclass(frozen=True)
class Hit:
    """Where a check fired: dotted pointers without their leading slash, the items that matched, and for whom."""

    pointers: tuple[str, ...] = ()
    items: tuple[Any, ...] = ()
    subject: str = ""


class _Blank(dict[str, str]):
    """Placeholders nobody filled read « … »."""

    def __missing__(self, key: str) -> str:
        return "…"


def message(finding: Finding) -> str:
    """The finding's sentence, in French."""
    return finding.check.message.format_map(_Blank(finding.params))
