"""Life cycle: CYC-01 to CYC-05 and CYC-07, CONV-13 (CYC-06 is read once per convention)."""

import math
from collections.abc import Sequence

from registry.conformity.findings import Hit
from registry.conformity.reading import Reading, lines, part
from registry.conformity.registered import Answer, check
from registry.conformity.terms import as_date, departs, is_blank
from schemas import vocabulary

_LIFTED = frozenset({"accepted_by_dpo", "withdrawn_by_dpo", "abandoned_with_reasons"})


@check("CYC-01", "decision")
def _unreasoned_departure(r: Reading) -> Answer:
    return departs(r.decision, r.opinion) and is_blank(r.decision.get("reasons"))


@check("CYC-02", "activation")
def _open_conditions(r: Reading) -> Sequence[Hit]:
    return [
        Hit(items=(item,), subject=str(item.get("number")))
        for item in lines(r.file, "recommendations")
        if item.get("prior") is True
        and item.get("status") not in _LIFTED
        and not (item.get("status") == "done" and item.get("origin") != "dpo")
    ]


@check("CYC-03")
def _review_due(r: Reading) -> Answer:
    due = as_date(r.file.get("next_review_on"))
    return r.file.get("state") == "active" and due is not None and due < r.today


@check("CYC-04")
def _complements_late(r: Reading) -> Answer:
    if r.file.get("state") != "awaiting_information":
        return False
    late = [
        asked
        for asked in lines(r.file, "information_requests")
        if is_blank(asked.get("answered_on")) and (due := as_date(asked.get("due_on"))) is not None and due < r.today
    ]
    return Hit(items=tuple(late)) if late else False


@check("CYC-05")
def _no_flow(r: Reading) -> Answer:
    if r.file.get("state") != "active" or r.request.get("exchange_mode") != "transmission":
        return False
    described = vocabulary()["enumerations"]["frequency"].get(r.request.get("frequency") or "", {})
    period = described.get("period_days")
    days = [day for key in ("last_flow_on", "activated_on") if (day := as_date(r.file.get(key))) is not None]
    if period is None or not days:
        return False
    allowed: int = math.ceil(r.setting("inactivity_periods") * period)
    return (r.today - max(days)).days > allowed


@check("CYC-07", "decision")
def _ungrounded_refusal(r: Reading) -> Answer:
    if r.decision.get("value") != "refused":
        return False
    unfavourable = r.opinion.get("value") == "unfavourable" or any(
        part(r.study, name).get("conclusion") == "unfavourable" for name in r.study
    )
    return not unfavourable or is_blank(r.decision.get("reasons")) or is_blank(r.decision.get("dpo_informed_on"))
