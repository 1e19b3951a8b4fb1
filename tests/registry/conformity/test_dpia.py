"""AIPD: the data protection impact assessment, asked for, attached, advised, reviewed."""

from tests.registry.conformity.cases import ABSENT, Row, Table, each, every, of, table_test

TWO = {"dpia.cnil_exemption": None, "dpia.criteria": ["vulnerable_data_subjects", "large_scale"]}
LISTED = {"dpia.cnil_exemption": None, "dpia.cnil_list_type": "social_housing"}
DONE, SEEN = ("completed", "reused", "reasoned_derogation"), "-AIPD-03"
START = {"@moment": "activation"}
RECORD = "@file.dpia_record"


def _criteria(expected: str, *criteria: str, **change: object) -> Row:
    return {"dpia.cnil_exemption": None, "dpia.criteria": list(criteria), **change}, f"{SEEN} {expected}"


def _with(expected: str, base: dict[str, object], status: str, *pieces: str) -> Row:
    kinds = [{"kind": kind} for kind in ("article_14_notice", *pieces)]
    return {**base, "dpia.status": status, "@activation": True, "@file.attachments": kinds}, f"{SEEN} {expected}"


TABLE: Table = {
    "AIPD-01": [
        *every("dpia.status", "dpia_status", dict.fromkeys(DONE, SEEN), f"+AIPD-01 {SEEN}", **TWO),
        ({**TWO, "dpia.status": None}, f"+AIPD-01 {SEEN}"),
        _criteria("", "large_scale"),
        _criteria("", "large_scale", "large_scale"),
        _criteria("+AIPD-01", "large_scale", "large_scale", "innovative_use"),
        _criteria("+AIPD-01", *of("dpia_criterion")),
        _criteria(""),
        ({**TWO, "dpia.criteria": None}, SEEN),
        *[({**TWO, "dpia.cnil_exemption": exemption}, "") for exemption in of("cnil_exemption")],
        ({**TWO, "dpia.cnil_list_type": "social_housing"}, f"+AIPD-02 {SEEN}"),
        _criteria("", "large_scale", "innovative_use", **{"@settings": {"dpia_criteria": 3}}),
        _criteria("+AIPD-01", "large_scale", **{"@settings": {"dpia_criteria": 1}}),
        _with("", TWO, "completed", "dpia"),
        _with("+AIPD-01", TWO, "completed"),
        _with("+AIPD-01", TWO, "completed", "dpia_derogation"),
        _with("", TWO, "reused", "dpia"),
        _with("+AIPD-01", TWO, "reused", "dpia_derogation"),
        _with("", TWO, "reasoned_derogation", "dpia_derogation"),
        _with("+AIPD-01", TWO, "reasoned_derogation", "dpia"),
        _with("+AIPD-01", TWO, "not_done", "dpia", "dpia_derogation"),
        _with("", {"dpia.cnil_exemption": None}, "completed"),
    ],
    "AIPD-02": [
        *every("dpia.status", "dpia_status", {"completed": SEEN, "reused": SEEN}, f"+AIPD-02 {SEEN}", **LISTED),
        *every("dpia.cnil_list_type", "cnil_list_type", {}, "+AIPD-02"),
        ({**LISTED, "dpia.criteria": []}, f"+AIPD-02 {SEEN}"),
        ({**LISTED, "dpia.status": None}, f"+AIPD-02 {SEEN}"),
        ({"dpia": None}, SEEN),
        _with("", LISTED, "completed", "dpia"),
        _with("+AIPD-02", LISTED, "completed"),
        _with("+AIPD-02", LISTED, "reused", "dpia_derogation"),
        _with("+AIPD-02", LISTED, "reasoned_derogation", "dpia"),
    ],
    "AIPD-03": [({"dpia.cnil_exemption": None}, SEEN), ({"dpia.cnil_exemption": ABSENT}, SEEN), ({}, "")],
    "AIPD-04": [
        ({**START, RECORD: {"residual_risk": "high"}}, "+AIPD-04"),
        ({**START, RECORD: {"residual_risk": "high", "prior_consultation_on": None}}, "+AIPD-04"),
        ({**START, RECORD: {"residual_risk": "high", "prior_consultation_on": "2022-09-01"}}, ""),
        ({**START, RECORD: {"residual_risk": "low"}}, ""),
        ({**START, RECORD: {"residual_risk": None}}, ""),
        ({**START, RECORD: None}, ""),
    ],
    "AIPD-05": [
        *each(f"{RECORD}.completed_on", {"2020-06-01": "", "2020-05-31": "+AIPD-05", None: "", ABSENT: ""}),
        ({RECORD: {"completed_on": "2020-02-29"}, "@today": "2023-02-28"}, ""),
        ({RECORD: {"completed_on": "2020-02-29"}, "@today": "2023-03-01"}, "+AIPD-05"),
        ({RECORD: {"completed_on": "2022-06-01"}, "@settings": {"dpia_review_months": 12}}, ""),
        ({RECORD: {"completed_on": "2022-05-31"}, "@settings": {"dpia_review_months": 12}}, "+AIPD-05"),
        ({RECORD: None}, ""),
        *every("@file.state", "state", {"active": "+AIPD-05"}, **{RECORD: {"completed_on": "2020-01-01"}}),
    ],
    "AIPD-06": [
        *every("dpia.status", "dpia_status", {"completed": "+AIPD-06", "reused": "+AIPD-06"}, **START),
        *each(f"{RECORD}.dpo_advice", {None: "+AIPD-06", " ": "+AIPD-06", "Favorable": ""}, **START, **{
            "dpia.status": "completed"}),
        ({**START, "dpia.status": None}, ""),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
