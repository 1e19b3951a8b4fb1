"""One study and one opinion for the copies of a request: carried to a copy by the holder's DPO in office.

The opinion is signed again, by the DPO of that day, against the copy's own hash; it may be the same opinion because the
documents are the same: what differs between them is compared here, and nothing but the asker's name may (invariant 3).
The decision is each time the controller's own.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from registry.exchange.changes import changed_paths
from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.filing import replace_body
from registry.exchange.decide.opinion import sign_off
from registry.exchange.events import Event
from registry.exchange.file import STUDY_PARTS, Document, File, Opinion, Recommendation, StudyPart
from registry.refusals import AlreadyDone, Detail, GateClosed, WrongState

MAY_DIFFER = frozenset({"reference", "requester", "requested_on"})
"""What names the copy and its asker; anything else is studied anew."""


def adopt(file: File, command: Command, context: Context) -> list[Event]:
    """The study and the opinion of the original hold for this copy."""
    source = context.source
    if file.copied_from is None or source is None:
        raise WrongState("Cette demande n'est pas la copie d'une autre dont vous suivez le dossier.")
    if file.opinion_complete or any(part.version == file.version for part in file.study.values()):
        raise AlreadyDone("L'étude ou l'avis de cette version a déjà commencé : il se poursuit ici.")
    study, opinion = _judged(source)
    _require_same(source, file)
    sign_off(file, opinion.value, opinion.text, context)
    body = {
        **command.body,
        **{part: _study_body(done) for part, done in study.items()},
        "opinion": _opinion_body(source, file, opinion),
    }
    return [
        replace_body(command, body).event(
            context,
            source=source.id,
            source_reference=source.reference,
            source_version=source.version,
            source_hash=source.document_hash,
            version=file.version,
            document_hash=file.document_hash,
            studied=_studied(study),
            answered=_answered(source),
        )
    ]


def _judged(source: File) -> tuple[dict[str, StudyPart], Opinion]:
    if source.erased_on is not None or not source.study_complete or source.opinion is None:
        raise GateClosed("L'étude et l'avis de la demande d'origine ne sont pas complets.")
    if not source.opinion_complete:
        raise GateClosed("L'avis de la demande d'origine porte sur une version dépassée.")
    return source.study, source.opinion


def _require_same(source: File, file: File) -> None:
    different = [path for path in changed_paths(source.request, file.request) if path not in MAY_DIFFER]
    if different:
        details = [
            Detail(pointer="/" + path.replace(".", "/"), message="Diffère de la demande d'origine.")
            for path in different
        ]
        raise GateClosed("Cette copie n'est plus la même demande : elle s'étudie pour elle-même.", details)


def _study_body(done: StudyPart) -> Document:
    return {"conclusion": done.conclusion, "text": done.text, "evidence": done.evidence}


def _opinion_body(source: File, file: File, opinion: Opinion) -> Document:
    return {
        "value": opinion.value,
        "text": opinion.text,
        "nir_authorised": opinion.nir_authorised,
        "lines": msgspec.to_builtins(opinion.lines),
        "recommendations": list(_recommended(source, file)),
    }


def _recommended(source: File, file: File) -> Iterator[dict[str, Any]]:
    """The opinion's recommendations as they were made, for the copy's own parties to follow."""
    owners = {source.requester: file.requester, source.holder: file.holder}
    for one in source.recommendations:
        if one.origin == "dpo":
            yield {**_made(one), "owner": owners.get(one.owner or "", file.requester)}


def _made(one: Recommendation) -> dict[str, Any]:
    keys = ("number", "text", "paths", "covers", "prior", "due_days")
    return {key: getattr(one, key) for key in keys if getattr(one, key) is not None}


def _studied(study: dict[str, StudyPart]) -> dict[str, Document]:
    keys = ("author", "author_party")
    return {
        part: {**{key: getattr(study[part], key) for key in keys}, "concluded_on": study[part].concluded_on.isoformat()}
        for part in STUDY_PARTS
    }


def _answered(source: File) -> list[Document]:
    """The holder answered its stage once for all the copies."""
    return [
        {"stage": one.stage, "answered_by": one.answered_by, "answered_on": one.answered_on.isoformat()}
        for one in source.stages
        if one.stage == "holder"
    ]
