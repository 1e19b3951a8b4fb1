"""Purpose limitation and automated decisions: FIN-01 to FIN-05, DEC-01 to DEC-03."""

from registry.conformity.reading import Reading
from registry.conformity.registered import Answer, check, where
from registry.conformity.terms import is_blank, matches


@check("FIN-01")
def _no_purpose(r: Reading) -> Answer:
    return where(is_blank(r.purposes.get("main")), "purposes/main")


@check("FIN-02")
def _vague_purpose(r: Reading) -> Answer:
    return where(matches(r.purposes.get("main"), "vague_purpose"), "purposes/main")


@check("FIN-03")
def _compatibility(r: Reading) -> Answer:
    tested = r.origin.get("compatibility_test") in {"done", "provided_by_law"}
    return where(r.origin.get("reuse") is True and not tested, "origin/compatibility_test")


@check("FIN-04")
def _fraud_control(r: Reading) -> Answer:
    proactive = r.basis.get("crpa_regime") == "proactive"
    return where(proactive and r.uses.get("fraud_control") is True, "uses/fraud_control")


@check("FIN-05")
def _political_communication(r: Reading) -> Answer:
    return where(r.uses.get("political_communication") is True, "uses/political_communication")


@check("DEC-01")
def _automated_decision(r: Reading) -> Answer:
    if r.uses.get("automated_decision") is not True:
        return False
    sensitive = any(item.get("article_9") is not None for item in r.items)
    return where(is_blank(r.uses.get("automated_decision_text")) or sensitive, "uses/automated_decision_text")


@check("DEC-02")
def _algorithm(r: Reading) -> Answer:
    return where(r.uses.get("algorithmic_contribution") is True, "uses/algorithmic_contribution")


@check("DEC-03")
def _profiling(r: Reading) -> Answer:
    return where(r.uses.get("profiling") is True, "uses/profiling")
