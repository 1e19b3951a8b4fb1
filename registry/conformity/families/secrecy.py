"""Professional secrecy: SECRET-01 to SECRET-06."""

from registry.conformity.reading import Reading
from registry.conformity.registered import Answer, among, check, where
from registry.conformity.terms import is_blank, matches

_LIFTED = "legal_basis/secrecy/lifted_by"


@check("SECRET-01")
def _not_lifted(r: Reading) -> Answer:
    return where(r.secrecy.get("covered") is True and is_blank(r.secrecy.get("lifted_by")), _LIFTED)


@check("SECRET-02")
def _shared_secrecy(r: Reading) -> Answer:
    return where(matches(r.secrecy.get("lifted_by"), "shared_secrecy_text"), _LIFTED)


@check("SECRET-03")
def _elected_officials(r: Reading) -> Answer:
    return among("recipients", r.recipients, lambda i: i.get("kind") in {"elected_officials", "steering_committee"})


@check("SECRET-04")
def _rsa(r: Reading) -> Answer:
    if r.volume.get("scope") == "applicants" or not is_blank(r.secrecy.get("lifted_by")):
        return False
    return among("data_items", r.items, lambda item: matches(item.get("label"), "rsa_status"), "label")


@check("SECRET-05")
def _child_protection(r: Reading) -> Answer:
    return among("data_items", r.items, lambda item: matches(item.get("label"), "child_protection"), "label")


@check("SECRET-06")
def _statutory_body(r: Reading) -> Answer:
    return among("recipients", r.recipients, lambda item: item.get("kind") == "statutory_body")
