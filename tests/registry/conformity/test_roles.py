"""ROL: who is controller, processor, recipient; who may study, opine and decide."""

from tests.registry.conformity.cases import (
    ABSENT,
    CLERK,
    CONTROLLER,
    DPO,
    ROLES,
    Row,
    Table,
    each,
    every,
    table_test,
)  # fmt: skip

START, FLOWS, STUDY, OPINION = ({"@moment": m} for m in ("activation", "decision", "study", "opinion"))
ENTER = {"@moment": "admission"}
NOTICE = {"kind": "article_14_notice"}
NEW_MAYOR = "maire@oullins-pierre-benite.example"
MERGED = {
    **FLOWS, "holder": "oullins", "requester": "caf-rhone", "@file.decision.decided_by": NEW_MAYOR,
    "@roles": {**ROLES, NEW_MAYOR: {"oullins-pierre-benite": {"controller"}}},
}  # fmt: skip
RECIPIENTS = {
    "private_third_party": "+ROL-04", "municipal_social_action_centre": "+ROL-05", "other_public_body": "+ROL-05",
    "public_service_operator": "+ROL-10", "elected_officials": "+SECRET-03", "steering_committee": "+SECRET-03",
    "statutory_body": "+SECRET-06",
}  # fmt: skip
CONTACT = "@holder.contacts.dpo"


def _processors(expected: str, *contracts: bool | None, **change: object) -> Row:
    return {"processors": [{"name": "P", "article_28_contract": c, "country": "US"} for c in contracts], **change}, (
        expected
    )


def _pieces(count: int, kind: str) -> dict[str, object]:
    return {"@activation": True, "@file.attachments": [NOTICE, *[{"kind": kind}] * count]}


def _delegated(begins: str, until: str | None, expected: str, user: str = "delegue@caf.example") -> Row:
    delegation = {"user": "delegue@caf.example", "valid_from": begins, "valid_until": until}
    return {**FLOWS, "@file.decision.decided_by": user, "@file.delegations": [delegation]}, expected


def _shared_dpo(expected: str, roles: dict[str, set[str]], **change: object) -> Row:
    return {**ENTER, "@roles": {DPO: roles}, **change}, expected


TABLE: Table = {
    "ROL-01": each("controllership", {None: "+ROL-01", ABSENT: "+ROL-01", "separate": "", "joint": "+ROL-02"}),
    "ROL-02": [
        *each("article_26_arrangement", {True: "", False: "+ROL-02", None: "+ROL-02", ABSENT: "+ROL-02"}, controllership="joint"),
        ({"article_26_arrangement": False}, ""),
        ({"controllership": "joint", "article_26_arrangement": True, **_pieces(0, "")}, "+ROL-02"),
        ({"controllership": "joint", "article_26_arrangement": True, **_pieces(1, "article_26_arrangement")}, ""),
        ({"controllership": "joint", "article_26_arrangement": False, **_pieces(1, "article_26_arrangement")},
         "+ROL-02"),
        (_pieces(0, ""), ""),
    ],
    "ROL-03": [
        _processors("", True), _processors("+ROL-03", False), _processors("+ROL-03", None), _processors(""),
        _processors("+ROL-03", True, False),
        ({"processors": None}, ""),
        ({"processors": [{"name": "P"}]}, "+ROL-03"),
        _processors("", True, True, **_pieces(2, "article_28_contract")),
        _processors("", True, True, **_pieces(3, "article_28_contract")),
        _processors("+ROL-03", True, True, **_pieces(1, "article_28_contract")),
        _processors("+ROL-03", True, **_pieces(2, "dpia")),
        _processors("+ROL-03", True, False, **_pieces(2, "article_28_contract")),
        _processors("", **_pieces(0, "")),
    ],
    "ROL-04": [
        *every("recipients.0.kind", "recipient_kind", RECIPIENTS),
        ({"recipients.0.kind": None}, ""),
    ],
    "ROL-05": [
        ({"recipients": [{"label": "A", "kind": kind} for kind in ("municipality", "other_public_body")]}, "+ROL-05"),
        ({"recipients.0.kind": "municipal_social_action_centre"}, "+ROL-05"),
        ({"recipients": []}, ""),
        ({"recipients": None}, ""),
    ],
    "ROL-06": [
        *each(CONTACT, {None: "+ROL-06", "": "+ROL-06", " ": "+ROL-06", ABSENT: "+ROL-06", "Déléguée": ""}),
        *each(CONTACT, {None: "+ROL-06", "Délégué": ""}, **{"@base": "EX-2022-002"}),
        ({"@holder.contacts": {}}, "+ROL-06"),
        ({"@requester.contacts.dpo": None}, ""),
        ({"@holder.dpo_designations": []}, ""),
    ],
    "ROL-07": [
        _shared_dpo("+ROL-07", {"caf-rhone": {"dpo"}, "oullins": {"dpo"}}),
        _shared_dpo("", {"caf-rhone": {"dpo"}, "oullins": {"controller"}}),
        _shared_dpo("", {"caf-rhone": {"dpo"}, "saint-genis-laval": {"dpo"}}),
        _shared_dpo("", {"caf-rhone": {"dpo"}}),
        ({**ENTER, "@roles": {}}, ""),
        ({**ENTER}, ""),
    ],
    "ROL-08": [
        ({**STUDY}, ""), ({**OPINION}, ""), ({**FLOWS}, ""),
        *[({**moment, f"@file.study.{part}.author": DPO}, "+ROL-08")
          for moment in (STUDY, OPINION, FLOWS) for part in ("opportunity", "feasibility")],
        *[({**moment, "@file.study.compliance.author": DPO}, "") for moment in (STUDY, OPINION, FLOWS)],
        ({**STUDY, "@file.opinion": None, "@file.study.opportunity.author": DPO}, "+ROL-08"),
        ({**STUDY, "@file.opinion": None, "@file.study.opportunity.author": DPO,
          "@holder.dpo_designations.0.from": "2022-09-16"}, ""),
        ({**STUDY, "@file.opinion": None, "@file.study.opportunity.author": DPO,
          "@holder.dpo_designations.0.until": "2022-09-15"}, "+ROL-08"),
        ({**STUDY, "@file.opinion": None, "@file.study.opportunity.author": DPO,
          "@holder.dpo_designations.0.until": "2022-09-14"}, ""),
        ({**STUDY, "@file.opinion": None, "@file.study.opportunity.author": DPO,
          "@file.study.opportunity.concluded_on": None}, ""),
        ({**STUDY, "@file.study.opportunity.author": "dpd@oullins.example"}, ""),
        ({**FLOWS, "@file.opinion.author": "dsi@caf.example"}, "+ROL-08"),
        ({**FLOWS, "@file.opinion.author": CLERK}, "+ROL-08"),
        ({**FLOWS, "@file.submitted_by": DPO}, "+ROL-08"),
        ({**OPINION, "@file.opinion.author": CONTROLLER}, "+CONV-09 +ROL-08"),
        ({**FLOWS, "@file.opinion": None, "@file.submitted_by": None, "@file.study.opportunity.author": None},
         "+CONV-08 +CONV-10"),
        ({**STUDY, "@file.study": None, "@file.opinion": None, "@file.decision": None, "@file.submitted_by": None}, ""),
    ],
    "ROL-09": [
        ({**FLOWS}, ""),
        *every("@file.decision.value", "decision_value", {"refused": "+CYC-01 +CYC-07 +ROL-09"}, "+ROL-09",
               **{**FLOWS, "@file.decision.decided_by": "x@caf.example"}),
        ({**FLOWS, "@file.decision.decided_by": "maire@oullins.example"}, "+ROL-09"),
        ({**FLOWS, "@file.decision.decided_by": None}, "+ROL-09"),
        ({**FLOWS, "@roles": {CONTROLLER: {"caf-rhone": {"business_referent"}}}}, "+ROL-09"),
        _delegated("2022-09-30", "2022-09-30", ""),
        _delegated("2022-09-30", None, ""),
        _delegated("2022-10-01", None, "+ROL-09"),
        _delegated("2022-01-01", "2022-09-29", "+ROL-09"),
        _delegated("2022-01-01", None, "+ROL-09", user="autre@caf.example"),
        ({**FLOWS, "@file.decision.decided_by": "x@caf.example", "@file.delegations": None}, "+ROL-09"),
        ({**FLOWS, "@file.decision.decided_on": None}, ""),
        ({**_delegated("2022-09-30", None, "")[0], "@file.decision.decided_on": None}, "+ROL-09"),
        ({**MERGED, "@file.decision.decided_on": "2024-01-01"}, ""),
        ({**MERGED, "@file.decision.decided_on": "2023-12-31"}, "+ROL-09"),
    ],
    "ROL-10": [
        ({"recipients.0.kind": "public_service_operator"}, "+ROL-10"),
        ({"recipients.0.kind": "private_third_party"}, "+ROL-04"),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
