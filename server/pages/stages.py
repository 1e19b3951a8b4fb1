"""What is asked after filing of those who know: the requester's DPO, then the holder; in the request's own form."""

from dataclasses import replace
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.decide import Command
from registry.gate import Unauthenticated
from registry.gate.drafting import Written, written
from registry.gate.exchanges import act as record_act
from registry.refusals import NotFound, Refusal, StaleVersion, WrongState
from server.api.http import gate_of, uuid_of, valid
from server.auth.browser import caller_of
from server.pages.answered import Answered, differing
from server.pages.filing import version_of
from server.pages.filing_steps import steps_of
from server.pages.forms import LARGE, MANY, posted
from server.pages.rendering import Call, page, redirect
from server.pages.schema_form import Field, document_of, fields_of, last_row, noted, placed, rearranged

_KEYS = {
    "filing": tuple(key for step in steps_of({}) for key in step.keys if key not in {"holder", "requester"}),
    "requester_dpo": (
        "legal_basis/article_6", "legal_basis/texts", "legal_basis/crpa_regime", "controllership",
        "article_26_arrangement", "data_items/*/article_9_2_exception", "data_items/*/article_9_2_text",
        "recipients/*/professional_secrecy", "processors", "transfers", "volume/exhaustive_by_law", "information",
        "dpia", "uses",
    ),
    "holder": (
        "legal_basis/disclosure_basis", "legal_basis/secrecy", "origin", "channel", "information",
        "open_data_alternatives",
    ),
}  # fmt: skip


async def _written(request: Call, request_id: str, stage: str) -> Written:
    """The request whose stage the visitor answers. Raises NotFound, Forbidden or WrongState."""
    identifier = uuid_of(request_id)
    if stage not in _KEYS:
        raise NotFound("Cette étape n'existe pas.")
    found = await gate_of(request).read(caller_of(request), lambda session: written(session, identifier))
    if stage not in found.view.stages or found.file.state == "draft":
        raise WrongState("Ces questions sont posées à d'autres, ou à un autre moment.")
    return found


@get("/echanges/{request_id:str}/complements", name="open_stages")
async def first(request: Call, request_id: FromPath[str]) -> Response[str]:
    """The first of the stages that the visitor may answer."""
    identifier = uuid_of(request_id)
    found = await gate_of(request).read(caller_of(request), lambda session: written(session, identifier))
    stage = next((one for one in _KEYS if one in found.view.stages), None)
    if stage is None or found.file.state == "draft":
        raise WrongState("Ces questions sont posées à d'autres, ou à un autre moment.")
    return redirect(request, f"/echanges/{identifier}/complements/{stage}")


@get("/echanges/{request_id:str}/complements/{stage:str}", name="stage")
async def show(request: Call, request_id: FromPath[str], stage: FromPath[str]) -> Response[str]:
    """The questions of a stage."""
    return _stage_page(request, await _written(request, request_id, stage), stage)


@post("/echanges/{request_id:str}/complements/{stage:str}", name="save_stage", status_code=303)
async def save(request: Call, request_id: FromPath[str], stage: FromPath[str]) -> Response[str]:
    """Save the answers of a stage, declared complete or not; or change rows, without saving."""
    form = await posted(request, LARGE, MANY)
    found = await _written(request, request_id, stage)
    answers = _answers(form.fields, found, stage)
    if group := rearranged(form.fields):
        return _stage_page(request, found, stage, Answered(answers, focus=last_row(answers, group)))
    declared = stage if form.text("_go") == "complete" else None
    command = Command("document", answers, version_of(form), declared)
    try:
        valid(answers, "request")
        done = await gate_of(request).write(
            caller_of(request), lambda session: record_act(session, found.file.id, command)
        )
    except StaleVersion as refusal:
        now = await _written(request, request_id, stage)
        mine = _answers(form.fields, now, stage)
        differences = differing(_KEYS[stage], now.file.request, mine)
        return _stage_page(request, now, stage, Answered(mine, refusal, differing=differences))
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return _stage_page(request, found, stage, Answered(answers, refusal))
    back = f"/echanges/{found.file.id}"
    told = f"{back}?fait={done.made[-1].revision}"
    return redirect(request, told if declared else f"{back}/complements/{stage}?enregistre=1")


def _asked(stage: str) -> frozenset[str]:
    return frozenset({stage, "derived"})


def _answers(form: dict[str, list[str]], found: Written, stage: str) -> dict[str, Any]:
    return document_of("request", form, _KEYS[stage], before=found.file.request, stages=_asked(stage))


def _stage_page(request: Call, found: Written, stage: str, given: Answered | None = None) -> Response[str]:
    file, shown = found.file, given or Answered(dict(found.file.request))
    findings = found.view.checked.findings
    fields = fields_of(
        "request", _KEYS[stage], shown.answers, shown.errors, stages=_asked(stage), findings=findings,
        focus=shown.focus,
    )  # fmt: skip
    return page(
        request, "filing_stage.html", shown.status,
        file=file, stage=stage, fields=tuple(_only_special(field, shown.answers) for field in fields),
        said=noted(fields, shown.errors), sentence=shown.sentence, differing=shown.differing,
        saved=request.query_params.get("enregistre") == "1",
        count=sum(placed(fields, one) and one["severity"] != "information" for one in findings),
        complete=file.stage_answered(stage) and stage != "filing", declares=stage in found.view.own_stages,
        judged=bool(file.study or file.opinion),
    )  # fmt: skip


def _only_special(field: Field, answers: dict[str, Any]) -> Field:
    """Of the data items, only those of article 9 have an exception to give; the others are carried along."""
    if field.name != "data_items" or not field.fixed:
        return field
    items = answers.get("data_items") or []
    kept = tuple(row for row, item in zip(field.rows, items, strict=True) if item.get("article_9"))
    carried = tuple(one for row in field.rows if row not in kept for one in row.fields)
    hidden = tuple(replace(one, kind="hidden") for one in carried)
    return replace(field, kind="group" if kept else "carried", rows=kept, fields=hidden)


HANDLERS = [first, show, save]
