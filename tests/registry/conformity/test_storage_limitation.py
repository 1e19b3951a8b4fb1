"""CONS: how long, and what becomes of the data."""

from tests.registry.conformity.cases import ABSENT, Row, Table, each, every, table_test

END = {"@moment": "closing"}
SIGNED = "@file.closure_certificate"
LINE = {"category": "Liste", "criterion": None, "starts_at": "x", "final_outcome": "destruction", "justification": None}


def _kept(expected: str, *months: int | None, why: str | None = None, **change: object) -> Row:
    return {"retention": [{**LINE, "months": m, "justification": why} for m in months], **change}, expected


SOCIAL = {"convention_field": "social_support"}
REGIME = {"legal_basis.crpa_regime": "proactive"}
NOW = "+CRPA-03 -CRPA-01"

TABLE: Table = {
    "CONS-01": [
        *[({"retention": value}, "+CONS-01") for value in ([], None, ABSENT)],
        *each("retention.0.criterion", {None: "+CONS-01", "": "+CONS-01", " ": "+CONS-01", "Radiation": ""}, **{
            "retention.0.months": None}),
        ({"retention.0.months": ABSENT}, "+CONS-01"),
        _kept("", 0),
        _kept("+CONS-01", 12, None, 12),
    ],
    "CONS-02": [
        _kept("", 36), _kept("+CONS-02", 37), _kept("", 37, why="Recours"), _kept("+CONS-02", 37, why="  "),
        _kept("+CONS-02", 12, 60), _kept("+CONS-01", None),
        _kept("", 13, **{"@settings": {"retention_months": 13}}),
        _kept("+CONS-02", 14, **{"@settings": {"retention_months": 13}}),
    ],
    "CONS-03": [
        _kept(NOW, 12, **REGIME), _kept(f"{NOW} +CONS-03", 13, **REGIME), _kept(NOW, 13, why="x", **REGIME),
        _kept(f"{NOW} +CONS-03", 13, why=" ", **REGIME), _kept(f"{NOW} +CONS-03", 1, 24, **REGIME), _kept("", 13),
        _kept("-CRPA-01 -CRPA-05", 13, **{"legal_basis.crpa_regime": None}),
        ({"retention.0.months": 12, "@base": "EX-2023-003"}, "-CONS-03"),
        _kept(NOW, 24, **REGIME, **{"@settings": {"proactive_retention_months": 24}}),
        _kept(f"{NOW} +CONS-03", 25, **REGIME, **{"@settings": {"proactive_retention_months": 24}}),
    ],
    "CONS-04": [
        *every("retention.0.final_outcome", "final_outcome", {"undetermined": "+CONS-04"}),
        *each("retention.0.final_outcome", {None: "+CONS-04", ABSENT: "+CONS-04"}),
        ({"retention": []}, "+CONS-01"),
    ],
    "CONS-05": [
        _kept("", 24, **SOCIAL), _kept("+CONS-05", 25, **SOCIAL), _kept("", 25), _kept("", 25, why="x", **SOCIAL),
        _kept("+CONS-05", 25, why=" ", **SOCIAL), _kept("+CONS-02 +CONS-05", 37, **SOCIAL),
        ({**SOCIAL, "retention.0.months": 25, "retention.0.starts_at": "dernier contact"}, "+CONS-05"),
        *every("convention_field", "convention_field", {"social_support": "+CONS-05"}, **{"retention.0.months": 25}),
        _kept("", 12, **SOCIAL, **{"@settings": {"social_support_retention_months": 12}}),
        _kept("+CONS-05", 13, **SOCIAL, **{"@settings": {"social_support_retention_months": 12}}),
    ],
    "CONS-06": [
        (END, ""),
        ({**END, SIGNED: None}, "+CONS-06"),
        ({**END, SIGNED: ABSENT}, "+CONS-06"),
        *each(f"{SIGNED}.signed_on", {None: "+CONS-06", ABSENT: "+CONS-06", "2024-06-02": ""}, **END),
        *each(f"{SIGNED}.signed_by_party", {
            "caf-rhone": "+CONS-06", "pierre-benite": "+CONS-06", None: "+CONS-06", "oullins-pierre-benite": "",
        }, **END),
        *each("@file.statutory_retention_text", {None: "+CONS-06", " ": "+CONS-06", "Code du patrimoine": ""},
              **END, **{SIGNED: None}),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
