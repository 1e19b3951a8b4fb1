"""CRPA: the two regimes of article L. 114-8."""

from tests.registry.conformity.cases import ABSENT, Table, each, every, item, table_test

SCOPE, REGIME = "volume.scope", "legal_basis.crpa_regime"
HEALTH = {
    "data_items.1": item(article_9="health", article_9_2_exception="explicit_consent"),
    "recipients.0.professional_secrecy": True,
}

TABLE: Table = {
    "CRPA-01": [
        *each(REGIME, {"on_request": "", "proactive": "-CRPA-01 +CRPA-03", None: "-CRPA-01 -CRPA-05"}),
        ({SCOPE: "targeted"}, "-CRPA-01 +CRPA-02"),
        ({REGIME: None, SCOPE: "targeted"}, "-CRPA-01 -CRPA-05"),
    ],
    "CRPA-02": [
        *every(SCOPE, "volume_scope", {"applicants": "", "exhaustive": "-CRPA-01 +CRPA-02 +MIN-06"},
               "-CRPA-01 +CRPA-02"),
        *each(SCOPE, {None: "-CRPA-01 +CRPA-02", ABSENT: "-CRPA-01 +CRPA-02"}),
        ({"volume": None}, "-CRPA-01 +CRPA-02"),
        ({REGIME: "proactive", SCOPE: "targeted"}, "-CRPA-01 +CRPA-03"),
    ],
    "CRPA-03": [({REGIME: "proactive"}, "-CRPA-01 +CRPA-03"), ({}, "")],
    "CRPA-04": [
        ({**HEALTH}, "+CRPA-04"),
        ({**HEALTH, REGIME: "proactive"}, "-CRPA-01 +CRPA-03 +CRPA-04"),
        ({**HEALTH, REGIME: None}, "-CRPA-01 -CRPA-05"),
        ({**HEALTH, "data_items.1.article_9": "genetic_data"}, ""),
        ({"data_items.1.label": "Certificat médical"}, ""),
    ],
    "CRPA-05": [
        ({REGIME: ABSENT}, "-CRPA-01 -CRPA-05"),
        ({REGIME: "proactive"}, "-CRPA-01 +CRPA-03"),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
