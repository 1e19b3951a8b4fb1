"""Checking a document without any database: what `ecluse check` answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.conformity.described import described
from registry.conformity.evaluate import check_convention, check_corrections, check_life, check_request, ordered
from registry.conformity.findings import Finding, message
from registry.conformity.rules import Rules, rules_of
from schemas import schema, violations

_FILE, _REQUEST = "exchange_file", "request"


class Unreadable(ValueError):
    """The document is neither a request nor an exchange file; the message says where, in one French sentence."""


@dataclass(frozen=True)
class Report:
    """The findings of a document, most serious first. `root` is where its request stands (a JSON pointer); `ignored`
    names the keys of an exchange file that its schema does not know."""

    findings: tuple[Finding, ...]
    rules: Rules
    root: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether something blocks."""
        return any(finding.blocks for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The report for a machine, findings sorted by severity then id; pointers lead into the document given."""
        return {"findings": [self._rooted(f) for f in self.findings], "rules_version": self.rules.version}

    def _rooted(self, finding: Finding) -> dict[str, Any]:
        pointers = [self.root + pointer for pointer in finding.pointers]
        return {**described(finding, self.rules), "pointer": pointers[0] if pointers else "", "pointers": pointers}

    def as_text(self) -> str:
        """The report for people, in French."""
        return "\n".join(line for f in self.findings for line in self._lines(f)) or "Aucun constat."

    def _lines(self, finding: Finding) -> list[str]:
        check = finding.check
        doubt = " (à vérifier)" if check.confidence == "to_check" else ""
        severity = self.rules.severity_labels[check.severity]
        return [
            f"{check.id} – {severity}{doubt} : {message(finding)} [{check.source}]",
            *(f"    Autre voie – {a.label} : {a.text}" for a in finding.alternatives),
        ]


def check_document(document: Any, convention: Mapping[str, Any], today: date) -> Report:
    """The report of a bare request, read without its file, or of an exchange file (a document with a key `request`)
    as the vocabulary's `definitions` say: the checks of the request, and those of the life of the exchange, which speak
    on some states only. Checks of a transition are read when somebody makes the transition, with the roles people hold
    then: a file alone does not answer them. Raises Unreadable.
    """
    if not isinstance(document, dict):
        raise Unreadable("Le document doit être une demande ou un dossier d'échange (un objet JSON).")
    is_file = "request" in document
    found = violations(_FILE if is_file else _REQUEST, document)
    if found:
        places = " ; ".join(f"{v.pointer or '/'} : {v.message}" for v in found)
        kind = "Le dossier d'échange" if is_file else "La demande"
        raise Unreadable(f"{kind} ne respecte pas son schéma. {places}")
    file = document if is_file else {"request": document}
    findings = ordered([
        *check_request(file, convention, today),
        *check_life(file, convention, today),
        *check_corrections(file, convention),
        *check_convention(int(file.get("state") == "active"), convention, today),
    ])  # fmt: skip
    ignored = tuple(sorted(set(file) - set(schema(_FILE)["properties"])))
    return Report(tuple(findings), rules_of(convention), "/request" if is_file else "", ignored)
