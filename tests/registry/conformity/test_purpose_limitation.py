"""FIN: a precise purpose, and nothing beyond it."""

import unicodedata

from tests.registry.conformity.cases import ABSENT, Table, each, table_test

VAGUE, TEST = "+FIN-02", "origin.compatibility_test"
ON, OFF = "legal_basis.crpa_regime", {"legal_basis.crpa_regime": None}

TABLE: Table = {
    "FIN-01": [
        *each("purposes.main", {
            None: "+FIN-01", "": "+FIN-01", "  \n": "+FIN-01", "\u00a0": "+FIN-01", ABSENT: "+FIN-01", "x": "",
        }),
        ({"purposes": None}, "+FIN-01"),
        ({"purposes.secondary": None}, ""),
    ],
    "FIN-02": [
        *each("purposes.main", dict.fromkeys((
            "À toutes fins utiles", "MIEUX CONNAÎTRE le public", unicodedata.normalize("NFD", "Mieux connaître"),
            "Une meilleure connaissance", "De meilleures connaissances", "Les besoins du service",
            "Le besoin du service", "Tarifer, etc.", "ETC", "Tarifs (etc…)", "etcs", "Noms,etc,",
            "besoins du service d'accueil", "remieux connaître",
        ), VAGUE)),
        *each("purposes.main", dict.fromkeys((
            "Mieux connaitre", "toutes fins\u00a0utiles", "etcetera", "etc_", "etc2", "Les besoins des services",
            "Mieux connaissance", "fetch", "connaître mieux",
        ), "")),
        ({"purposes.secondary": ["à toutes fins utiles", "etc."]}, ""),
    ],
    "FIN-03": [
        *each(TEST, {None: "+FIN-03", ABSENT: "+FIN-03", "done": "", "provided_by_law": ""}),
        *each("origin.reuse", {False: "", None: "", ABSENT: "", True: "+FIN-03"}, **{TEST: None}),
        ({"origin": None}, ""),
    ],
    "FIN-04": [
        *each(ON, {
            "proactive": "+FIN-04 +CRPA-03 -CRPA-01", "on_request": "", None: "-CRPA-01 -CRPA-05",
        }, **{"uses.fraud_control": True}),
        *each("uses.fraud_control", dict.fromkeys((False, None, ABSENT), ""), **{"@base": "EX-2023-003"}),
        ({"@base": "EX-2023-003", "uses": None}, ""),
        ({"@base": "EX-2023-003", "uses.fraud_control": True}, "+FIN-04"),
    ],
    "FIN-05": [
        *each("uses.political_communication", {True: "+FIN-05", False: "", None: "", ABSENT: ""}),
        ({"uses": None}, ""),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
