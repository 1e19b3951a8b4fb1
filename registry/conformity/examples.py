"""Each check explained: when it speaks, in plain French, and an example that makes it speak.

An example is the reference request that has least to answer for, changed at a few dotted paths. A path names a key of
the request, or after `@file`, `@convention`, `@holder` and `@requester` one of those. Evaluating it gives the sentence
that people would read, so that an explanation cannot drift from its rule.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from registry.conformity.catalogue import Check, check_of
from registry.conformity.evaluate import (
    check_change,
    check_convention,
    check_life,
    check_request,
    check_transition,
    labels_of,
)
from registry.conformity.explanations import Explanation, explanations
from registry.conformity.findings import Finding, People
from registry.conformity.terms import party_of
from schemas.references import reference

BASE = "EX-2022-007"


def example_findings(check_id: str) -> list[Finding]:
    """What the check finds in its own example."""
    explained = explanations()[check_id]
    file, convention = _built(explained)
    found = _READ[check_of(check_id).phase](explained, file, convention)
    return [finding for finding in found if finding.id == check_id]


def _built(explained: Explanation) -> tuple[dict[str, Any], dict[str, Any]]:
    cases = reference("requests")["requests"]
    request = next(case["request"] for case in cases if case["request"]["reference"] == BASE)
    convention = reference("convention")
    file: dict[str, Any] = {"request": request}
    roots = {
        "@file": file,
        "@convention": convention,
        "@holder": party_of(convention, request["holder"]),
        "@requester": party_of(convention, request["requester"]),
    }
    for path, value in explained.change.items():
        root, _, rest = path.partition(".") if path.startswith("@") else ("", "", path)
        _set(roots.get(root, request), rest.split("."), copy.deepcopy(value))
    return file, convention


def _set(here: Any, steps: list[str], value: Any) -> None:
    *parents, last = steps
    for step in parents:
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
    here[int(last) if isinstance(here, list) else last] = value


def _at_request(explained: Explanation, file: Mapping[str, Any], convention: Mapping[str, Any]) -> list[Finding]:
    return check_request(file, convention, explained.today)


def _at_transition(explained: Explanation, file: Mapping[str, Any], convention: Mapping[str, Any]) -> list[Finding]:
    roles = {user: {party: frozenset(held) for party, held in by.items()} for user, by in explained.people.items()}
    return check_transition(explained.moment or "", file, convention, explained.today, people=People(roles))


def _in_life(explained: Explanation, file: Mapping[str, Any], convention: Mapping[str, Any]) -> list[Finding]:
    return [
        *check_life(file, convention, explained.today),
        *check_convention(explained.active, convention, explained.today),
        *check_change(file, explained.changed, labels_of(explained.changed), convention),
    ]


_READ: dict[str, Callable[[Explanation, Mapping[str, Any], Mapping[str, Any]], list[Finding]]] = {
    "request": _at_request,
    "transition": _at_transition,
    "life": _in_life,
}


def example_of(check: Check) -> Finding:
    """The finding of the check's example. Raises LookupError when the example does not make it speak."""
    found = example_findings(check.id)
    if not found:
        raise LookupError(check.id)
    return found[0]
