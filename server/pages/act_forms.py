"""The form of each act: which parts of its schema are asked, the answers that only the exchange can name, and the body
that the answers make. What no line says is the schema itself: a new act needs none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registry.exchange.acts import ACTS
from registry.exchange.file import Document, File
from registry.gate.acting import ActView
from schemas import label
from server.pages.act_choices import (
    blocking,
    may_set,
    not_followed,
    others,
    owners,
    paths,
    pieces,
    separable,
    with_nir,
)
from server.pages.schema_answers import Posted, document_of
from server.pages.schema_form import Choices, Errors, Field, fields_of


@dataclass(frozen=True)
class ActForm:
    """A form: the schema it is made from, the parts that are asked (every one when None), the stages they belong to,
    the admitted answers of places that the schema cannot name."""

    schema: str
    keys: tuple[str, ...] | None = None
    stages: frozenset[str] | None = None
    choices: Choices = field(default_factory=dict)
    before: Document = field(default_factory=dict)

    def read(self, posted: Posted) -> Document:
        """The answers, as they were typed."""
        return document_of(self.schema, posted, self.keys, before=self.before, stages=self.stages)

    def fields(
        self, answers: Document, errors: Errors, focus: str = "", findings: Sequence[Mapping[str, Any]] = ()
    ) -> tuple[Field, ...]:
        """The fields, with what was answered and what is wrong."""
        shown = _with_choices(answers)
        made = fields_of(
            self.schema, self.keys, shown, errors, stages=self.stages, choices=self.choices, findings=findings,
            focus=focus,
        )  # fmt: skip
        return made if self.schema == "request" else tuple(_certain(one) for one in made)


def _certain(one: Field) -> Field:
    """A field of an act: who acts leaves out what does not apply; « je ne sais pas » is an answer to a request's
    questions only."""
    kind = "select" if one.kind == "radio" and one.unknown else one.kind
    blank = replace(one.blank, fields=tuple(map(_certain, one.blank.fields))) if one.blank is not None else None
    return replace(
        one,
        kind=kind,
        unknown=False,
        fields=tuple(map(_certain, one.fields)),
        rows=tuple(replace(row, fields=tuple(map(_certain, row.fields))) for row in one.rows),
        blank=blank,
    )


_NUMBERED = frozenset({"recommendations_not_followed"})
"""Lists of numbers that are chosen among named answers."""


def _with_choices(answers: Document) -> Document:
    return {
        key: _as_choices(value) if key in _NUMBERED else _with_choices(value) if isinstance(value, dict) else value
        for key, value in answers.items()
    }


def _as_choices(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list) else value


def form_of(act: str, target: str, found: ActView) -> ActForm:
    """The form of an act on an exchange."""
    made = _FORMS.get(act)
    return made(found, target) if made is not None else ActForm(ACTS[act].schema)


def body_of(act: str, answers: Document, found: ActView) -> Document:
    """The body that answers make: what the form knows without asking is put in."""
    return _BODIES[act](answers, found) if act in _BODIES else answers


def _nothing(found: ActView, _target: str) -> ActForm:
    """Acts that are one button: what they are about is shown beside it."""
    return ActForm("acceptance", keys=())


def _opinion(found: ActView, _target: str) -> ActForm:
    keys = ["value", "text", *_recommendation_keys(found), "recommendations/*/due_days"]
    nir = with_nir(found.file)
    return ActForm("opinion", (*keys, *(("nir_authorised",) if nir else ()), "lines"), choices={
        **_of_recommendations(found), "nir_authorised": nir, "lines/*/path": paths(found.file.request),
    })  # fmt: skip


def _recommendation_keys(found: ActView) -> list[str]:
    """What is asked of a recommendation; which findings a condition covers, only when some block."""
    keys = ["text", "prior", "paths", *(["covers"] if blocking(found) else []), "owner"]
    return [f"recommendations/*/{key}" for key in keys]


def _of_recommendations(found: ActView) -> dict[str, Sequence[tuple[str, str]]]:
    return {
        "recommendations/*/paths": paths(found.file.request),
        "recommendations/*/covers": blocking(found),
        "recommendations/*/owner": owners(found),
    }


def _decision(found: ActView, _target: str) -> ActForm:
    keys = ["value", "reasons", "dpo_informed_on", "alternative", "excluded_paths"]
    if not_followed(found.file):
        keys.insert(1, "recommendations_not_followed")
    keys += [*_recommendation_keys(found), "recommendations/*/due_on"]
    return ActForm("decision", tuple(keys), choices={
        **_of_recommendations(found),
        "recommendations_not_followed": not_followed(found.file),
        "excluded_paths": separable(found.file.request),
    })  # fmt: skip


def _letter(found: ActView, side: str) -> tuple[tuple[str, ...], Choices]:
    """What is asked of a signed letter: the piece it is, and the delegation under which it was signed, if any."""
    party = found.file.holder if side == "holder" else found.file.requester
    given = (found.convention.party(party) or {}).get("delegations", [])
    named = [(one["id"], _delegation(one)) for one in given]
    keys = ["sha256", "signed_on", "signed_as", *(["delegation"] if named else []), "function"]
    return tuple(f"letter/{key}" for key in keys), {"letter/sha256": pieces(found.file), "letter/delegation": named}


def _delegation(one: Mapping[str, Any]) -> str:
    until = one.get("valid_until")
    dates = f"du {one['valid_from']} au {until}" if until else f"depuis le {one['valid_from']}"
    return f"{one.get('reference') or 'Délégation'} ({dates})"


def _paper_decision(found: ActView, _target: str) -> ActForm:
    """The decision that a letter bears; the decision-maker's own conditions, if it sets any, come by the API."""
    letter, choices = _letter(found, "holder")
    keys = ["value", "reasons", "dpo_informed_on", "alternative", "excluded_paths"]
    if not_followed(found.file):
        keys.insert(1, "recommendations_not_followed")
    return ActForm("paper_decision", (*letter, *(f"decision/{key}" for key in keys)), choices={
        **choices,
        "decision/recommendations_not_followed": not_followed(found.file),
        "decision/excluded_paths": paths(found.file.request),
    })  # fmt: skip


def _paper_acceptance(found: ActView, _target: str) -> ActForm:
    keys, choices = _letter(found, "requester")
    return ActForm("paper_acceptance", keys, choices=choices)


def _recommendation(found: ActView, target: str) -> ActForm:
    allowed = [(one, label("recommendation_status", one)) for one in may_set(found, target)]
    keys = ("status", "reasons", "due_on", *(("proof",) if found.file.attachments else ()))
    return ActForm("recommendation_status", keys, choices={"status": allowed, "proof": pieces(found.file)})


def _return(found: ActView, _target: str) -> ActForm:
    keys = ("answer",) if found.file.open_referral is not None else ("parts", "opinion", "reasons")
    return ActForm("return", keys)


def _erasure(found: ActView, _target: str) -> ActForm:
    keys = (
        "scope",
        "revision",
        *(("sha256",) if pieces(found.file) else ()),
        "legal_basis",
        "reason",
        "dpo_informed_on",
    )
    return ActForm("erasure", keys, choices={"sha256": pieces(found.file)})


def _correction(found: ActView, _target: str) -> ActForm:
    if found.file.open_correction is not None:
        return ActForm("correction", ("accepted", "reasons"))
    opened = [path.partition(".")[0] for one in found.file.recommendations if one.prior and not one.lifted
              for path in one.paths]  # fmt: skip
    keys = tuple(dict.fromkeys([*opened, "data_items", "recipients", "retention"]))
    return ActForm("request", keys, before=found.file.request)


def _copies(found: ActView, _target: str) -> ActForm:
    return ActForm("copies", choices={"parties": others(found)})


def _flows(found: ActView, _target: str) -> ActForm:
    return ActForm("flows", before={"flows": [{}]})  # a first line to fill in: a log without one says nothing


_FORMS: dict[str, Callable[[ActView, str], ActForm]] = {
    "modification": _nothing,
    "copies": _copies,
    "flows": _flows,
    "acceptance": _nothing,
    "preparation": _nothing,
    "opinion": _opinion,
    "decision": _decision,
    "paper-decision": _paper_decision,
    "paper-acceptance": _paper_acceptance,
    "recommendations": _recommendation,
    "return": _return,
    "erasure": _erasure,
    "correction": _correction,
}


def _numbered(answers: Document, taken: int) -> Document:
    """Recommendations numbered in the order in which they are written."""
    rows = answers.get("recommendations")
    if not isinstance(rows, list):
        return answers
    numbered = [{**row, "number": taken + place} for place, row in enumerate(rows, 1)]
    return {**answers, "recommendations": numbered}


def _decided(answers: Document, found: ActView) -> Document:
    return _numbered(answers, max((one.number for one in found.file.recommendations), default=0))


def _corrected(answers: Document, found: ActView) -> Document:
    waiting = found.file.open_correction
    return {**answers, "version": waiting.version} if waiting is not None else {"request": answers}


_BODIES: dict[str, Callable[[Document, ActView], Document]] = {
    "opinion": lambda answers, _found: _numbered(answers, 0),
    "decision": _decided,
    "correction": _corrected,
    "paper-decision": lambda answers, found: (
        {**answers, "decision": _decided(answers["decision"], found)}
        if isinstance(answers.get("decision"), dict)
        else answers
    ),
}


def is_proposal(act: str, file: File) -> bool:
    """Whether a correction is being proposed: its body holds the request, its fields are the request's."""
    return act == "correction" and file.open_correction is None
