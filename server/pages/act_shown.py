"""What is shown beside the form of an act: what it judges, what was said before, what is still missing."""

from typing import Any

from registry.exchange.acts import ACTS
from registry.exchange.file import Document
from registry.gate.acting import ActView
from server.pages.compared import compared
from server.pages.exchange_shown import exchange_shown
from server.pages.rendering import Call
from server.pages.study import part_of

GRAVE = frozenset(name for name, act in ACTS.items() if act.confirmed) | {"erasure"}
"""Acts that are re-read, by somebody whose identity is confirmed, before they are recorded."""

_BESIDE: dict[str, tuple[str, ...]] = {
    "opinion": ("asked", "findings", "study"),
    "decision": ("judgements", "conditions", "asked", "findings"),
    "acceptance": ("judgements", "conditions"),
    "paper-decision": ("judgements", "conditions"),
    "paper-acceptance": ("judgements", "conditions"),
    "preparation": ("conditions",),
    "correction": ("conditions",),
    "activation": ("conditions",),
    "recommendations": ("judgements",),
    "dpia": ("findings", "asked"),
    "override": ("judgements", "asked"),
    "messages": ("messages",),
    "return": ("judgements", "study"),
    "erasure": (),
    "adoption": ("asked", "findings"),
    **dict.fromkeys(("flows", "review", "incidents", "objections", "suspension", "resumption", "closing"), ("life",)),
    **dict.fromkeys(("incident-status", "objection-status"), ()),
    **dict.fromkeys(("certificate", "reattachment", "modification", "copies"), ("asked",)),
}
_USUALLY = ("asked", "findings")


def shown(request: Call, act: str, target: str, found: ActView) -> dict[str, Any]:
    """The context of an act's page."""
    file = found.file
    context = exchange_shown(request, found.view, found.convention, found.records)
    context["open_acts"] = {}  # what is beside a form only tells
    waiting = file.open_correction
    if act.startswith("study/"):
        part = act.removeprefix("study/")
        context["findings"] = [one for one in context["findings"] if part_of(one["id"]) == part]
    return {
        **context,
        "act": ACTS[act],
        "heading": _heading(act, found),
        "beside": ("findings", "asked") if act.startswith("study/") else _BESIDE.get(act, _USUALLY),
        "grave": act in GRAVE,
        "texts": _texts(found),
        "alike": found.alike,
        "incident": next((one for one in file.incidents if str(one.number) == target), None),
        "objection": next((one for one in file.objections if str(one.number) == target), None),
        "recommendation": next((one for one in file.recommendations if str(one.number) == target), None),
        "judged": next((one for one in context["findings"] if one["id"] == target), None),
        "correction": compared(file.request, waiting.request) if act == "correction" and waiting else [],
        "proposing": act == "correction" and waiting is None,
        "rounds": len(file.information_requests),
    }


def _heading(act: str, found: ActView) -> str:
    """What the act is called, for whoever is about to do it."""
    if act == "correction":
        return "Répondre à la correction" if found.file.open_correction is not None else "Proposer une correction"
    return ACTS[act].label


def _texts(found: ActView) -> list[tuple[str, list[tuple[str, str]]]]:
    """The texts that may be taken into a recommendation, by where they come from: each with what names it."""
    mine = [(one.id, one.text) for one in found.texts]
    others = [(f"{one.reference}/{r.number}", r.text) for one in found.alike for r in one.recommendations]
    return [(title, texts) for title, texts in (("Ma bibliothèque", mine), ("Échanges semblables", others)) if texts]


def taken(answers: Document, named: str, found: ActView) -> Document:
    """The answers with one recommendation more, whose text comes from the library or from a past exchange: all else of
    it is still to be answered, for this exchange."""
    text = next((text for _, texts in _texts(found) for name, text in texts if name == named), None)
    rows = answers.get("recommendations")
    kept = [row for row in rows if row] if isinstance(rows, list) else []
    return {**answers, "recommendations": [*kept, {"text": text}]} if text is not None else answers
