"""Roles: ROL-01 to ROL-10."""

from registry.conformity.findings import Hit
from registry.conformity.reading import Reading, lines, part
from registry.conformity.registered import Answer, among, check, where
from registry.conformity.terms import as_date, covers_day, dpo_in_office, is_blank


@check("ROL-01")
def _unqualified(r: Reading) -> Answer:
    return where(r.request.get("controllership") is None, "controllership")


@check("ROL-02")
def _no_arrangement(r: Reading) -> Answer:
    if r.request.get("controllership") != "joint":
        return False
    missing = r.request.get("article_26_arrangement") is not True
    return where(missing or (r.activation and not r.attached("article_26_arrangement")), "article_26_arrangement")


@check("ROL-03")
def _no_contract(r: Reading) -> Answer:
    unsigned = among("processors", r.processors, lambda item: item.get("article_28_contract") is not True)
    if unsigned or not r.activation or r.attached("article_28_contract") >= len(r.processors):
        return unsigned
    return Hit(("processors",), tuple(r.processors))


@check("ROL-04")
def _private_third_party(r: Reading) -> Answer:
    return among("recipients", r.recipients, lambda item: item.get("kind") == "private_third_party")


@check("ROL-05")
def _other_body(r: Reading) -> Answer:
    others = {"municipal_social_action_centre", "other_public_body"}
    return among("recipients", r.recipients, lambda item: item.get("kind") in others)


@check("ROL-06")
def _no_dpo(r: Reading) -> Answer:
    return where(is_blank(part(r.holder or {}, "contacts").get("dpo")), "holder")


@check("ROL-07", "admission")
def _shared_dpo(r: Reading) -> Answer:
    holder, requester = (r.successors(party, r.today) for party in (r.holder, r.requester))
    people = r.people
    return any(people.holds(user, "dpo", holder) and people.holds(user, "dpo", requester) for user in people.roles)


@check("ROL-08", "study", "opinion", "decision")
def _dpo_decides(r: Reading) -> Answer:
    author = r.opinion.get("author")
    for name in ("opportunity", "feasibility"):
        concluded = part(r.study, name)
        day, by = as_date(concluded.get("concluded_on")), concluded.get("author")
        if by is not None and by == author:
            return True
        if by is not None and day is not None and by in dpo_in_office(r.convention, r.request.get("holder"), day):
            return True
    return author is not None and author in {r.file.get("submitted_by"), r.decision.get("decided_by")}


@check("ROL-09", "decision")
def _not_the_controller(r: Reading) -> Answer:
    day, user = as_date(r.decision.get("decided_on")), r.decision.get("decided_by")
    paper = part(r.decision, "paper")
    if paper.get("signed_as") == "controller":  # whom the party's controller is, its letter says
        return False
    if r.people.holds(user, "controller", r.successors(r.holder, day)):
        return False
    return day is None or not any(
        d.get("user") == user and covers_day(d, day, "valid_from", "valid_until") for d in lines(r.file, "delegations")
    )


@check("ROL-10")
def _public_service_operator(r: Reading) -> Answer:
    return among("recipients", r.recipients, lambda item: item.get("kind") == "public_service_operator")
