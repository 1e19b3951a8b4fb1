"""A finding as people and machines read it: the same keys in the API, in `ecluse check --json` and in pages."""

from typing import Any

import msgspec

from registry.conformity.catalogue import Check
from registry.conformity.explanations import explanations
from registry.conformity.findings import Finding, message
from registry.conformity.rules import Rules
from schemas import label


def described(finding: Finding, rules: Rules) -> dict[str, Any]:
    """Rendered message, source, places, what it is worth (`confidence`) and what could be done instead; `rules` are
    those it was found by."""
    check = finding.check
    return {
        "id": check.id,
        "phase": check.phase,
        "severity": check.severity,
        "severity_label": rules.severity_labels[check.severity],
        "message": message(finding),
        "source": check.source,
        "pointer": finding.pointers[0] if finding.pointers else "",
        "pointers": list(finding.pointers),
        "subject": finding.subject,
        "blocks": finding.blocks,
        "overridable": check.overridable,
        "confidence": check.confidence,
        "confidence_label": label("confidence", check.confidence),
        "alternatives": [{"kind": a.kind, "label": a.label, "text": a.text} for a in finding.alternatives],
    }


def readable(check: Check) -> dict[str, Any]:
    """A check of the catalogue with `when`, what its trigger says to people."""
    return {**msgspec.structs.asdict(check), "when": explanations()[check.id].when}


def to_complete(check: Check) -> dict[str, Any]:
    """A check that does not speak yet, and whose answers it waits for (« à compléter »)."""
    asked_of = label("stage", check.stage or "")
    return {
        "id": check.id,
        "severity": check.severity,
        "stage": check.stage,
        "message": f"À compléter – {asked_of}.",
        "source": check.source,
    }
