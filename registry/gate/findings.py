"""What the checks say of an exchange today, as its parties read it: findings, and what still waits for an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry.conformity import check_life, check_of, check_request, described, pending, rules_of, to_complete
from registry.conformity.evaluate import ordered
from registry.convention import Convention
from registry.exchange.file import File, as_document
from registry.storage.findings import Key, Seen

Document = dict[str, Any]


@dataclass(frozen=True)
class Checked:
    """Findings of the request and life phases on the current version, and the checks that read « à compléter »."""

    findings: list[Document] = field(default_factory=list)
    pending: list[Document] = field(default_factory=list)


def checked(file: File, convention: Convention, today: date, seen: Mapping[Key, Seen] | None = None) -> Checked:
    """Read every check anew: what the nightly pass saw only adds since when."""
    document = as_document(file)
    if file.state == "draft":
        document["stages"].append({"stage": "filing"})  # the questions of filing are being answered
    found = ordered([
        *check_request(document, convention.document, today),
        *check_life(document, convention.document, today),
    ])  # fmt: skip
    rules = rules_of(convention.document)
    overrides = {o.check: o for o in file.overrides if o.version == file.version}
    covering = [(r.number, r.covers) for r in file.recommendations if r.prior and not r.lifted]
    findings = []
    for finding in found:
        known = (seen or {}).get((file.id, finding.id, finding.subject))
        override = overrides.get(finding.id)
        findings.append({
            **described(finding, rules),
            "since": known.since.isoformat() if known else None,
            "overridden_by": override.overridden_by if override else None,
            "override_reasons": override.override_reasons if override else None,
            "covered_by": [number for number, covers in covering if finding.id in covers],
        })  # fmt: skip
    return Checked(findings, [to_complete(check_of(check)) for check in pending(document)])
