"""The conformity checks: what a good DPO would notice, in French, each with its legal source. Pure functions."""

from registry.conformity.catalogue import Check, catalogue, check_of, rules_version
from registry.conformity.described import described, readable, to_complete
from registry.conformity.evaluate import (
    check_change,
    check_convention,
    check_life,
    check_request,
    check_transition,
    labels_of,
    pending,
)
from registry.conformity.findings import Finding, People, message
from registry.conformity.proposals import proposed
from registry.conformity.rules import Rules, adjusted, misadjusted, rules_of

__all__ = [
    "Check",
    "Finding",
    "People",
    "Rules",
    "adjusted",
    "catalogue",
    "check_change",
    "check_convention",
    "check_life",
    "check_of",
    "check_request",
    "check_transition",
    "described",
    "labels_of",
    "message",
    "misadjusted",
    "pending",
    "proposed",
    "readable",
    "rules_of",
    "rules_version",
    "to_complete",
]
