"""CONV: the convention's term and parties, who must have concluded what, changes of an approved exchange."""

from tests.registry.conformity.cases import ABSENT, DPO, Row, Table, each, every, table_test

WORK, FLOWS, LAST = "EX-2022-002", {"@moment": "decision"}, "2025-12-31"
OPINION, STUDY, START = {"@moment": "opinion"}, {"@moment": "study"}, {"@moment": "activation"}
RENEWED = {"@convention.renewals": [{"reference": "A", "signed_on": None, "term": "2030-12-31"}]}
TWICE = {"@convention.renewals": [{"term": "2030-12-31"}, {"term": "2027-12-31"}, {"term": None}]}
SOLE = {"@convention.renewals": [{"term": "2024-06-30"}]}
APPROVALS = ("approved", "approved_subject_to_conditions", "awaiting_conditions")
SWAPPED = {"holder": "oullins", "requester": "caf-rhone", "@moment": "opinion"}
MERGED = {**SWAPPED, "@file.opinion.author_party": "oullins-pierre-benite"}
NEW_DPO, OLD_DPO = "dpd@oullins-pierre-benite.example", "dpd@oullins.example"
CHANGE = {"@file.state": "approved", "@changed": ["retention.0.months"]}
GONE = {"@convention.terminated_on": "2023-06-01"}
BY_OULLINS = {f"@file.study.{part}.author_party": "oullins" for part in ("opportunity", "feasibility", "compliance")}
PERSONAL = "+ALT-01 +CONS-02 +INFO-01 +INFO-04 +INFO-06 +LIC-05 +LIC-07"


def _designated(begins: str, until: str | None, signed: str, expected: str, *, interim: bool = False) -> Row:
    designation = {"person": DPO, "from": begins, "until": until, "interim": interim, "cnil_reference": None}
    return (
        {**OPINION, "@party.caf-rhone.dpo_designations": [designation], "@file.opinion.signed_on": signed},
        expected,
    )


TABLE: Table = {
    "CONV-01": [
        *each("requested_on", {
            "2020-12-31": "+CONV-01", "2021-01-01": "", LAST: "+CONV-05", "2026-01-01": "+CONV-01 +CONV-05", None: "",
        }),
        ({"requested_on": "2026-01-01", **RENEWED}, "+CONV-05"),
        ({"requested_on": "2030-12-31", **TWICE}, "+CONV-05"),
        ({"requested_on": "2031-01-01", **TWICE}, "+CONV-01 +CONV-05"),
        ({"requested_on": LAST, **SOLE}, "+CONV-05"),
        ({"@convention.terminated_on": "2022-09-04"}, "+CONV-01 +CONV-02"),
        ({"@convention.terminated_on": "2022-09-05"}, "+CONV-02"),
        ({"requested_on": "2026-01-01", "@convention.terminated_on": "2026-06-30"}, "+CONV-01 +CONV-05"),
        ({"requested_on": "2026-01-01", **RENEWED, "@convention.terminated_on": "2026-06-30"}, "+CONV-05"),
        ({"requested_on": "2020-12-31", "@file.filed_on": "2021-01-01"}, ""),
        ({"requested_on": "2021-01-01", "@file.filed_on": "2020-12-31"}, "+CONV-01 +CONV-15"),
        ({"requested_on": LAST, "@file.filed_on": "2026-01-01"}, "+CONV-01 +CONV-05"),
        ({"requested_on": "2026-01-01", "@file.filed_on": None}, "+CONV-01 +CONV-05"),
        ({"requested_on": None, "@file.filed_on": "2026-01-01"}, "+CONV-01"),
        ({"@base": WORK, "requested_on": "2026-01-01"}, "+CONV-01"),
        ({"@today": "2031-01-01"}, ""),
    ],
    "CONV-02": [
        *each("period.end", {None: "+CONV-02", ABSENT: "+CONV-02", LAST: "", "2026-01-01": "+CONV-02"}),
        *each("period.end", {"2030-12-31": "", "2031-01-01": "+CONV-02"}, **TWICE),
        ({"period": None}, "+CONV-02"),
        ({"@convention.terminated_on": "2025-12-30"}, "+CONV-02"),
        ({"@convention.terminated_on": LAST}, ""),
        ({"@convention.terminated_on": "2026-01-01", "period.end": "2026-01-01"}, "+CONV-02"),
        ({"@base": WORK, "period.end": None}, "+CONV-02"),
    ],
    "CONV-03": [
        ({**GONE}, "+CONV-03"),
        ({**GONE, "@today": "2023-05-31"}, ""),
        ({**GONE, "@today": "2023-06-02"}, "+CONV-03"),
        ({**GONE, "@file.framework": "  "}, "+CONV-03"),
        ({**GONE, "@file.framework": ABSENT}, "+CONV-03"),
        ({**GONE, "@file.framework": "Contrat Cdap"}, ""),
        ({"@convention.terminated_on": ABSENT}, ""),
        *every("@file.state", "state", {"active": "+CONV-03"}, **GONE),
    ],
    "CONV-04": [
        *each("requester", {
            "caf-rhone": "+CONV-04", "lyon": "+CONV-04", None: "+CONV-04", ABSENT: "+CONV-04", "pierre-benite": "",
            "oullins-pierre-benite": "",
        }),
        ({"holder": "lyon"}, "+CONV-04 +ROL-06"),
        ({"holder": "saint-genis-laval"}, ""),
        ({"requester": "oullins-pierre-benite", "@party.oullins-pierre-benite.succeeds": []}, "+CONV-04"),
        ({"@requester.signatory": False}, "+CONV-04"),
        ({"@requester.signatory": False, "@requester.succeeds": ["pierre-benite"]}, ""),
        ({"@holder.signatory": False}, "+CONV-04"),
        ({"@base": WORK, "holder": "caf-rhone"}, "+CONV-04"),
    ],
    "CONV-05": [
        *each("requested_on", {"2023-12-31": "", "2024-01-01": "+CONV-05", None: ""}),
        ({"requested_on": "2023-12-31", "@file.filed_on": "2024-01-02"}, ""),
        ({"requested_on": "2024-01-02", "@requester.valid_until": None}, ""),
        ({"@base": WORK, "@holder.valid_until": "2022-03-13"}, "+CONV-05"),
        ({"@base": WORK, "@holder.valid_until": "2022-03-14"}, ""),
        ({"@base": WORK, "@holder.valid_from": "2022-03-15"}, ""),
        ({"requested_on": "2024-01-02", "holder": "pierre-benite"}, "+CONV-05"),
        ({"requested_on": "2024-01-02", "requester": "lyon"}, "+CONV-04"),
    ],
    "CONV-06": [
        *each("data_nature", {
            "non_personal": "", "anonymous": "", "aggregated": "+ALT-02", "identifying": f"-CONV-06 {PERSONAL}",
            "pseudonymised": f"-CONV-06 +ALT-04 {PERSONAL}", None: f"-CONV-06 {PERSONAL}",
        }, **{"@base": WORK}),
        ({"data_nature": "anonymous"}, "+CONV-06 +QUAL-01 -AIPD-03 -CRPA-01 -CRPA-05 -ENF-01"),
    ],
    "CONV-07": [
        *each("convention_field", {None: "+CONV-07", ABSENT: "+CONV-07", "housing": ""}),
        *each("action_sheet", {None: "+CONV-07", "": "+CONV-07", " \t": "+CONV-07", ABSENT: "+CONV-07", "FA-1": ""}),
        ({"convention_field": None, "action_sheet": None}, "+CONV-07"),
        ({"@base": WORK, "action_sheet": "\n"}, "+CONV-07"),
    ],
    "CONV-08": [
        *[({**FLOWS, "@file.opinion": None, "@file.decision.value": value}, "+CONV-08") for value in APPROVALS],
        ({**FLOWS, "@file.opinion": ABSENT}, "+CONV-08"),
        *each("@file.opinion.signed_on", {None: "+CONV-08", ABSENT: "+CONV-08", "2022-09-20": ""}, **FLOWS),
        ({**FLOWS, "@file.opinion": None, "@file.decision.value": "outside_procedure"}, ""),
        ({**FLOWS, "@file.opinion": None, "@file.decision.value": "refused"}, "+CYC-07"),
    ],
    "CONV-09": [
        ({**OPINION}, ""),
        *each("@file.opinion.author_party", {"oullins": "+CONV-09", None: "+CONV-09"}, **OPINION),
        ({**OPINION, "@file.opinion.author_party": "oullins", "@file.opinion.author": OLD_DPO}, "+CONV-09"),
        ({**OPINION, "@file.opinion.author": "conseiller2@caf.example"}, "+CONV-09"),
        _designated("2022-09-20", "2022-09-20", "2022-09-20", ""),
        _designated("2022-09-20", "2022-09-20", "2022-09-20", "", interim=True),
        _designated("2022-09-20", None, "2022-09-19", "+CONV-09"),
        _designated("2021-01-01", "2022-09-19", "2022-09-20", "+CONV-09"),
        ({**OPINION, "@party.caf-rhone.dpo_designations": []}, "+CONV-09"),
        ({**MERGED, "@file.opinion.author": NEW_DPO, "@file.opinion.signed_on": "2024-01-01"}, ""),
        ({**MERGED, "@file.opinion.author": NEW_DPO, "@file.opinion.signed_on": "2023-12-31"}, "+CONV-09"),
        ({**MERGED, "@file.opinion.author": OLD_DPO, "@file.opinion.signed_on": "2024-01-01"}, "+CONV-09"),
        ({**SWAPPED, "@file.opinion.author_party": "oullins", "@file.opinion.author": OLD_DPO,
          "@file.opinion.signed_on": "2023-12-31"}, ""),
        ({**SWAPPED, "@file.opinion.author_party": "oullins", "@file.opinion.author": OLD_DPO,
          "@file.opinion.signed_on": "2024-01-01"}, "+CONV-09"),
        ({**MERGED, "@file.opinion.author_party": "pierre-benite", "@file.opinion.author": NEW_DPO,
          "@file.opinion.signed_on": "2024-01-01"}, "+CONV-09"),
    ],
    "CONV-10": [
        *[({**FLOWS, f"@file.study.{part}": None}, "+CONV-10")
          for part in ("opportunity", "feasibility", "compliance")],
        *[({**FLOWS, f"@file.study.compliance.{key}": value}, "+CONV-10")
          for key in ("author", "concluded_on", "conclusion") for value in (None, ABSENT)],
        ({**FLOWS, "@file.study": None}, "+CONV-10"),
        ({**FLOWS, "@file.study.opportunity.author": " "}, "+CONV-10"),
        ({**FLOWS, "@file.study.opportunity.conclusion": "unfavourable"}, ""),
        *[({**FLOWS, "@file.study.feasibility": None, "@file.decision.value": value}, "+CONV-10")
          for value in APPROVALS],
        ({**FLOWS, "@file.study": None, "@file.decision.value": "outside_procedure"}, ""),
    ],
    "CONV-11": [
        ({**STUDY}, ""),
        *[({**STUDY, f"@file.study.{part}.author_party": "oullins"}, "+CONV-11")
          for part in ("opportunity", "feasibility", "compliance")],
        ({**STUDY, "@file.study.compliance": None}, ""),
        ({**STUDY, "@file.initiated_by": "caf-rhone", "@file.studying_party": "oullins"}, "+CONV-11"),
        ({**STUDY, "@file.studying_party": ABSENT}, ""),
        ({**STUDY, "@file.studying_party": ABSENT, "@file.initiated_by": "caf-rhone"}, "+CONV-11"),
        ({**STUDY, **BY_OULLINS, "@file.initiated_by": "caf-rhone", "@file.studying_party": "oullins"}, ""),
        ({**STUDY, **BY_OULLINS, "@file.initiated_by": "caf-rhone", "@file.studying_party": None}, ""),
        ({**STUDY, **BY_OULLINS, "@file.initiated_by": None, "@file.studying_party": None}, "+CONV-11"),
        ({**STUDY, **BY_OULLINS, "@file.initiated_by": None, "@file.studying_party": "oullins"}, ""),
    ],
    "CONV-12": [
        ({**START}, ""),
        ({**START, "@file.register_confirmations": []}, "+CONV-12:caf-rhone +CONV-12:oullins"),
        ({**START, "@file.register_confirmations": None}, "+CONV-12:caf-rhone +CONV-12:oullins"),
        ({**START, "@file.register_confirmations": [{"party": "oullins", "version": 1}]}, "+CONV-12:caf-rhone"),
        ({**START, "@file.version": 2}, "+CONV-12:caf-rhone +CONV-12:oullins"),
        ({**START, "@file.register_confirmations.1.version": 2}, "+CONV-12:caf-rhone"),
        ({**START, "@file.register_confirmations": [], "@file.controllers": ["oullins"]}, "+CONV-12:oullins"),
        ({**START, "@file.controllers": []}, ""),
    ],
    "CONV-13": [
        *each("@changed", {"requested_on": "", "title": "", "volume.count": "", "period.end": ""}, **{
            "@file.state": "approved"}),
        *[({**CHANGE, "@changed": [path]}, "+CONV-13") for path in (
            "data_items", "data_items.2", "purposes.main", "recipients.0.kind", "retention.0.months", "channel.kind")],
        *every("@file.state", "state", dict.fromkeys(
            ("approved", "approved_subject_to_conditions", "preparation", "active", "suspended"), "+CONV-13"),
            **{"@changed": ["channel"]}),
        ({**CHANGE, "@changed": ["title", "channel.kind"]}, "+CONV-13"),
        ({**CHANGE, "@changed": []}, ""),
    ],
    "CONV-14": [
        *each("@today", {LAST: "", "2026-01-01": "+CONV-14"}, **{"@file.next_review_on": None}),
        *every("@file.state", "state", {"active": "+CONV-14"}, **{"@today": "2026-01-01", "@file.next_review_on": None}),
        *each("@file.framework", {None: "+CONV-14", " ": "+CONV-14", "Habilitation": ""},
              **{"@today": "2026-01-01", "@file.next_review_on": None}),
        ({"@today": "2026-01-01", "@file.next_review_on": None, **RENEWED}, ""),
        ({"@today": "2026-03-01", "@file.next_review_on": None, "@convention.terminated_on": "2026-03-02"},
         "+CONV-14"),
        ({"@today": "2026-03-02", "@file.next_review_on": None, "@convention.terminated_on": "2026-03-02"},
         "+CONV-03"),
    ],
    "CONV-15": [
        *each("@file.filed_on", {
            "2022-09-04": "+CONV-15", "2022-09-05": "", "2022-10-06": "", "2022-10-07": "+CONV-15", None: "",
        }),
        ({"requested_on": None, "@file.filed_on": "2022-10-07"}, ""),
        ({"@file.filed_on": "2022-09-10", "@settings": {"filing_gap_days": 5}}, ""),
        ({"@file.filed_on": "2022-09-11", "@settings": {"filing_gap_days": 5}}, "+CONV-15"),
        ({"@base": WORK, "@file.filed_on": "2022-03-13"}, "+CONV-15"),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
