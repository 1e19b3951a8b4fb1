"""Checking a document without any database: what `ecluse check` answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.conformity.catalogue import check_of, rules_version
from registry.conformity.evaluate import check_convention, check_life, check_request, ordered
from registry.conformity.findings import Finding, message
from schemas import label, violations


class Unreadable(ValueError):
    """The document is not a request or an exchange file; the message says where."""


@dataclass(frozen=True)
class Report:
    """The findings of a document, most serious first; `root` is where its request stands (a JSON pointer)."""

    findings: tuple[Finding, ...]
    root: str = ""

    @property
    def blocks(self) -> bool:
        """Whether something blocks. What is still to be checked by a jurist never does by itself."""
        return any(f.severity == "blocking" and check_of(f.id).confidence != "to_check" for f in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The report for a machine, findings sorted by severity then id; pointers lead into the document given."""
        return {"findings": [_described(f, self.root) for f in self.findings], "rules_version": rules_version()}

    def as_text(self) -> str:
        """The report for people, in French."""
        if not self.findings:
            return "Aucun constat."
        return "\n".join(_sentence(f) for f in self.findings)


def _described(finding: Finding, root: str) -> dict[str, Any]:
    described, pointers = check_of(finding.id), [root + pointer for pointer in finding.pointers]
    return {
        "id": finding.id,
        "severity": finding.severity,
        "message": message(finding),
        "source": described.source,
        "pointer": pointers[0] if pointers else "",
        "pointers": pointers,
        "overridable": described.overridable,
        "confidence": described.confidence,
        "subject": finding.subject,
    }


def _sentence(finding: Finding) -> str:
    described = check_of(finding.id)
    doubt = " (à vérifier)" if described.confidence == "to_check" else ""
    return f"{finding.id} – {label('severity', finding.severity)}{doubt} : {message(finding)} [{described.source}]"


def check_document(document: Any, convention: Mapping[str, Any], today: date) -> Report:
    """The report of a bare request, or of an exchange file (a document with a key `request`). Raises Unreadable."""
    if not isinstance(document, dict):
        raise Unreadable("Le document doit être une demande ou un dossier d'échange (un objet JSON).")
    file = document if "request" in document else {"request": document}
    prefix = "/request" if "request" in document else ""
    found = violations("request", file["request"])
    if found:
        places = " ; ".join(f"{prefix}{v.pointer} : {v.message}" for v in found)
        raise Unreadable(f"La demande ne respecte pas son schéma. {places}")
    findings = [
        *check_request(file, convention, today),
        *check_life(file, convention, today),
        *check_convention(int(file.get("state") == "active"), convention, today),
    ]
    return Report(tuple(ordered(findings)), prefix)
