"""Impact assessment: AIPD-01 to AIPD-06."""

from registry.conformity.reading import Reading, lines, part
from registry.conformity.registered import Answer, check, where
from registry.conformity.terms import add_months, as_date, is_blank

_PIECES = {"completed": "dpia", "reused": "dpia", "reasoned_derogation": "dpia_derogation"}


@check("AIPD-01")
def _expected(r: Reading) -> Answer:
    if r.dpia.get("cnil_list_type") is not None or r.dpia.get("cnil_exemption") is not None:
        return False
    criteria = {criterion for criterion in lines(r.dpia, "criteria") if criterion is not None}
    if len(criteria) < r.setting("dpia_criteria"):
        return False
    piece = _PIECES.get(r.dpia.get("status") or "")
    return where(piece is None or (r.activation and not r.attached(piece)), "dpia/status")


@check("AIPD-02")
def _required(r: Reading) -> Answer:
    if r.dpia.get("cnil_list_type") is None:
        return False
    missing = r.dpia.get("status") not in {"completed", "reused"}
    return where(missing or (r.activation and not r.attached("dpia")), "dpia/status")


@check("AIPD-03")
def _exempt(r: Reading) -> Answer:
    return where(r.dpia.get("cnil_exemption") is not None, "dpia/cnil_exemption")


@check("AIPD-04", "activation")
def _high_risk(r: Reading) -> Answer:
    record = part(r.file, "dpia_record")
    return record.get("residual_risk") == "high" and is_blank(record.get("prior_consultation_on"))


@check("AIPD-05")
def _old(r: Reading) -> Answer:
    completed = as_date(part(r.file, "dpia_record").get("completed_on"))
    if r.file.get("state") != "active" or completed is None:
        return False
    return add_months(completed, int(r.setting("dpia_review_months"))) < r.today


@check("AIPD-06", "activation")
def _no_advice(r: Reading) -> Answer:
    done = r.dpia.get("status") in {"completed", "reused"}
    return done and is_blank(part(r.file, "dpia_record").get("dpo_advice"))
