"""Storage limitation: CONS-01 to CONS-06."""

from typing import Any

from registry.conformity.findings import Hit
from registry.conformity.reading import Reading, part
from registry.conformity.registered import Answer, among, check
from registry.conformity.terms import as_date, is_blank


def _unjustified(item: dict[str, Any], months: float) -> bool:
    kept = item.get("months")
    return kept is not None and kept > months and is_blank(item.get("justification"))


@check("CONS-01")
def _no_duration(r: Reading) -> Answer:
    if not r.retention:
        return Hit(("retention",))
    return among("retention", r.retention, lambda i: i.get("months") is None and is_blank(i.get("criterion")), "months")


@check("CONS-02")
def _long(r: Reading) -> Answer:
    return among("retention", r.retention, lambda i: _unjustified(i, r.setting("retention_months")), "months")


@check("CONS-03")
def _long_for_proactive(r: Reading) -> Answer:
    if r.basis.get("crpa_regime") != "proactive":
        return False
    return among("retention", r.retention, lambda i: _unjustified(i, r.setting("proactive_retention_months")), "months")


@check("CONS-04")
def _no_outcome(r: Reading) -> Answer:
    open_ended = {None, "undetermined"}
    return among("retention", r.retention, lambda i: i.get("final_outcome") in open_ended, "final_outcome")


@check("CONS-05")
def _long_for_social_support(r: Reading) -> Answer:
    if r.request.get("convention_field") != "social_support":
        return False
    months = r.setting("social_support_retention_months")
    return among("retention", r.retention, lambda i: _unjustified(i, months), "months")


@check("CONS-06", "closing")
def _no_certificate(r: Reading) -> Answer:
    if not is_blank(r.file.get("statutory_retention_text")):
        return False
    certificate = part(r.file, "closure_certificate")
    signed = as_date(certificate.get("signed_on"))
    return signed is None or certificate.get("signed_by_party") not in r.successors(r.requester, signed)
