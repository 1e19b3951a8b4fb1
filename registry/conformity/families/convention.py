"""Convention and qualification of the data: CONV-01 to CONV-15, QUAL-01."""

from collections.abc import Sequence
from datetime import timedelta

from registry.conformity.findings import Hit
from registry.conformity.reading import Reading, lines, part
from registry.conformity.registered import Answer, among, check, where
from registry.conformity.terms import as_date, dpo_in_office, is_blank

_NOT_PERSONAL = frozenset({"non_personal", "aggregated", "anonymous"})
_APPROVALS = frozenset({"approved", "approved_subject_to_conditions", "awaiting_conditions"})
_PARTS = ("opportunity", "feasibility", "compliance")
_EXACT = frozenset({"exact", "exact_address", "full_birth_date"})


@check("CONV-01")
def _outside_the_term(r: Reading) -> Answer:
    filed, effective = r.filed_on, as_date(r.convention.get("effective_from"))
    if filed is None:
        return False
    return where((effective is not None and filed < effective) or filed > r.until, "requested_on")


@check("CONV-02")
def _ends_after_the_term(r: Reading) -> Answer:
    end = as_date(part(r.request, "period").get("end"))
    return where(end is None or end > r.until, "period/end")


@check("CONV-03")
def _terminated(r: Reading) -> Answer:
    terminated = as_date(r.convention.get("terminated_on"))
    active = r.file.get("state") == "active" and is_blank(r.file.get("framework"))
    return active and terminated is not None and r.today >= terminated


@check("CONV-04")
def _two_signatories(r: Reading) -> Answer:
    same = r.request.get("requester") == r.request.get("holder")
    fires = same or any(
        party is None or (party.get("signatory") is False and not party.get("succeeds"))
        for party in (r.requester, r.holder)
    )
    return where(fires, "holder", "requester")


@check("CONV-05")
def _party_has_ended(r: Reading) -> Answer:
    requested = as_date(r.request.get("requested_on"))
    ended = [
        (key, party)
        for key, party in (("requester", r.requester), ("holder", r.holder))
        if party is not None
        and requested is not None
        and (until := as_date(party.get("valid_until"))) is not None
        and until < requested
    ]
    return Hit(tuple(key for key, _ in ended), tuple(party for _, party in ended)) if ended else False


@check("CONV-06")
def _declared_not_personal(r: Reading) -> Answer:
    return where(r.request.get("data_nature") in _NOT_PERSONAL, "data_nature")


@check("CONV-07")
def _no_field_or_sheet(r: Reading) -> Answer:
    blank = [key for key in ("convention_field", "action_sheet") if is_blank(r.request.get(key))]
    return where(bool(blank), *blank)


@check("CONV-08", "decision")
def _no_opinion(r: Reading) -> Answer:
    return r.decision.get("value") in _APPROVALS and is_blank(r.opinion.get("signed_on"))


@check("CONV-09", "opinion")
def _not_the_holders_dpo(r: Reading) -> Answer:
    signed = as_date(r.opinion.get("signed_on"))
    if signed is None:
        return False
    office = dpo_in_office(r.convention, r.request.get("holder"), signed)
    return r.opinion.get("author_party") not in r.successors(r.holder, signed) or r.opinion.get("author") not in office


@check("CONV-10", "decision")
def _study_incomplete(r: Reading) -> Answer:
    if r.decision.get("value") not in _APPROVALS:
        return False
    keys = ("author", "concluded_on", "conclusion")
    return any(is_blank(part(r.study, name).get(key)) for name in _PARTS for key in keys)


@check("CONV-11", "study")
def _not_the_other_party(r: Reading) -> Answer:
    by_holder = r.file.get("initiated_by") is not None and r.file.get("initiated_by") == r.request.get("holder")
    studying = r.file.get("studying_party") or r.request.get("requester" if by_holder else "holder")
    return any(part(r.study, name).get("author_party") != studying for name in _PARTS if r.study.get(name))


@check("CONV-12", "activation")
def _register_not_confirmed(r: Reading) -> Sequence[Hit]:
    version = r.file.get("version")
    done = {c.get("party") for c in lines(r.file, "register_confirmations") if c.get("version") == version}
    return [Hit(subject=party) for party in r.controllers() if party not in done]


@check("CONV-14")
def _convention_expired(r: Reading) -> Answer:
    terminated = as_date(r.convention.get("terminated_on"))
    active = r.file.get("state") == "active" and is_blank(r.file.get("framework"))
    return active and r.until < r.today and (terminated is None or terminated > r.today)


@check("CONV-15")
def _dates_apart(r: Reading) -> Answer:
    filed, requested = as_date(r.file.get("filed_on")), as_date(r.request.get("requested_on"))
    if filed is None or requested is None:
        return False
    gap = timedelta(days=r.setting("filing_gap_days"))
    return where(requested > filed or filed - requested > gap, "requested_on")


@check("QUAL-01")
def _may_be_personal(r: Reading) -> Answer:
    if r.request.get("data_nature") not in _NOT_PERSONAL:
        return False
    return among(
        "data_items",
        r.items,
        lambda item: item.get("cnil_category") not in (None, "none") or item.get("precision") in _EXACT,
    )
