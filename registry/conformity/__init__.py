"""The conformity checks: what a good DPO would notice, in French, each with its legal source. Pure functions."""

from registry.conformity.catalogue import Check, catalogue, check_of, rules_version, source
from registry.conformity.evaluate import (
    check_change,
    check_convention,
    check_life,
    check_request,
    check_transition,
    pending,
)
from registry.conformity.findings import Finding, People, message
from registry.conformity.proposals import proposed

__all__ = [
    "Check",
    "Finding",
    "People",
    "catalogue",
    "check_change",
    "check_convention",
    "check_life",
    "check_of",
    "check_request",
    "check_transition",
    "message",
    "pending",
    "proposed",
    "rules_version",
    "source",
]
