"""Running the checks of a phase over a file: total, pure, in a stable order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from registry.conformity import families as _families
from registry.conformity.alternatives import alternatives_to
from registry.conformity.catalogue import SEVERITIES
from registry.conformity.findings import Finding, Hit, People
from registry.conformity.placeholders import params
from registry.conformity.reading import Reading, lines, part
from registry.conformity.registered import ANY, LIFE, PERSONAL, TRANSITIONS, Answer, Predicate
from registry.conformity.terms import add_months, as_date, covers_path, dpo_in_office, in_force_until
from schemas import vocabulary

_REGISTERED = _families.__all__
"""Importing the families registers their checks."""

_ORDER = {severity: rank for rank, severity in enumerate(SEVERITIES)}

Document = Mapping[str, Any]


def check_request(file: Document, convention: Document, today: date, *, activation: bool = False) -> list[Finding]:
    """Findings of the request phase. `file` holds `request` and any key of the vocabulary's `file`; without `stages`
    every stage counts as answered. `activation` adds the clauses « at the transition from preparation to active ».
    """
    r = Reading(file, convention, today, activation=activation)
    answered = _answered(file)
    found: list[Finding] = []
    for check_id, stage, predicate in _request_checks(r):
        if answered is None or stage in answered:
            answer = predicate(r)
            if answer:
                found += _findings(check_id, r, answer)
    return ordered(found)


def _answered(file: Document) -> set[str] | None:
    """The stages answered so far; None when every stage counts as answered."""
    stages = file.get("stages")
    return None if stages is None else {stage.get("stage") for stage in stages}


def _request_checks(r: Reading) -> Iterable[tuple[str, str, Predicate]]:
    return (*ANY, *PERSONAL) if r.personal else ANY


def pending(file: Document) -> list[str]:
    """The ids of request-phase checks that do not speak yet, for want of answers of a later stage (« stages »)."""
    answered = _answered(file)
    if answered is None:
        return []
    r = Reading(file, {}, date.min)
    return sorted(check_id for check_id, stage, _ in _request_checks(r) if stage not in answered)


def check_transition(
    moment: str,
    file: Document,
    convention: Document,
    today: date,
    *,
    people: People,
    registers: Mapping[str, Document | None] | None = None,
) -> list[Finding]:
    """Findings of a transition (admission, study, opinion, decision, activation, closing) on the file as it would be
    once the act is recorded."""
    r = Reading(file, convention, today, people=people, registers=registers)
    return ordered([f for check_id, predicate in TRANSITIONS[moment] for f in _findings(check_id, r, predicate(r))])


def check_life(file: Document, convention: Document, today: date) -> list[Finding]:
    """Findings of the life phase on one exchange."""
    r = Reading(file, convention, today)
    return ordered([f for check_id, predicate in LIFE for f in _findings(check_id, r, predicate(r))])


def check_convention(active: int, convention: Document, today: date) -> list[Finding]:
    """CYC-06, read once per convention: its term is near while `active` exchanges run."""
    r = Reading({}, convention, today)
    near = in_force_until(convention) < add_months(today, int(r.setting("term_warning_months")))
    return _findings("CYC-06", r, Hit(items=(active,)) if active and near else False)


def check_change(file: Document, changed: Sequence[str], labels: Sequence[str], convention: Document) -> list[Finding]:
    """CONV-13: a change of an approved version that is no accepted correction. `changed` holds dotted paths, `labels`
    the French names of the keys they belong to."""
    watched = ("data_items", "purposes", "recipients", "retention", "channel")
    approved = ("approved", "approved_subject_to_conditions", "preparation", "active", "suspended")
    fires = file.get("state") in approved and any(covers_path(key, path) for path in changed for key in watched)
    return _findings("CONV-13", Reading(file, convention, date.min), Hit(items=tuple(labels)) if fires else False)


def check_corrections(file: Document, convention: Document) -> list[Finding]:
    """CONV-13, read from the file alone: the changes it holds in `corrections` that the DPO in office of the holder has
    not accepted, those of versions before the file's left out."""
    version = file.get("version")
    awaited = [
        correction
        for correction in lines(file, "corrections")
        if not _is_accepted(correction, file, convention)
        and (version is None or correction.get("version") is None or correction["version"] >= version)
    ]
    paths = [path for correction in awaited for path in lines(correction, "paths")]
    return check_change(file, paths, labels_of(paths), convention)


def _is_accepted(correction: Document, file: Document, convention: Document) -> bool:
    day = as_date(correction.get("accepted_on"))
    holder = part(file, "request").get("holder")
    return day is not None and correction.get("accepted_by") in dpo_in_office(convention, holder, day)


def labels_of(paths: Iterable[str]) -> list[str]:
    """The French names of the request's keys that dotted paths lead to, each once."""
    keys = vocabulary()["keys"]["request"]
    names = dict.fromkeys(path.partition(".")[0] for path in paths)
    return [str(described["label"]) for name in names if (described := keys.get(name, keys.get(f"{name}[]")))]


def _findings(check_id: str, r: Reading, answer: Answer) -> list[Finding]:
    if not answer:
        return []
    hits = [Hit()] if answer is True else [answer] if isinstance(answer, Hit) else list(answer)
    check = r.rules.checks[check_id]
    instead = alternatives_to(check_id, (r.holder or {}).get("kind"))
    return [
        Finding(
            check,
            tuple(f"/{pointer}" for pointer in hit.pointers),
            params(check.message, r, hit),
            hit.subject,
            instead,
        )
        for hit in hits
    ]


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Findings by severity, then id, then subject."""
    return sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.id, finding.subject))
