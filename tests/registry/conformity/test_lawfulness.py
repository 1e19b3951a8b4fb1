"""LIC: the requester's legal basis and the holder's."""

import unicodedata

from tests.registry.conformity.cases import ABSENT, Table, each, every, table_test

CTG = "Convention territoriale globale"

TABLE: Table = {
    "LIC-01": every("legal_basis.article_6", "article_6", {
        "legitimate_interests": "+LIC-01", "consent": "+LIC-03", "contract": "+LIC-04", "to_be_determined": "+LIC-05",
        "vital_interests": "+LIC-06",
    }),
    "LIC-02": [
        *[({"legal_basis.texts": value}, "+LIC-02") for value in ([], [""], [" ", "\t\n"], ["\u00a0"], None, ABSENT)],
        ({"legal_basis.texts": ["", "CGCT"]}, ""),
        ({"legal_basis.texts": [], "legal_basis.article_6": "legal_obligation"}, "+LIC-02"),
        ({"legal_basis.texts": [], "legal_basis.article_6": "consent"}, "+LIC-03"),
        ({"legal_basis.texts": [], "legal_basis.article_6": "legitimate_interests"}, "+LIC-01"),
        ({"legal_basis.texts": [], "legal_basis.article_6": None}, "+LIC-05"),
    ],
    "LIC-03": [({"legal_basis.article_6": "consent"}, "+LIC-03"), ({}, "")],
    "LIC-04": [
        ({"legal_basis.article_6": "contract"}, "+LIC-04"),
        *[({"legal_basis.texts": texts}, "+LIC-04") for texts in (
            [CTG], [f"La {CTG.upper()} 2021-2025, art. 7"], ["Conventions territoriales globales"], [CTG, CTG.lower()],
            [unicodedata.normalize("NFD", CTG)],
        )],
        *[({"legal_basis.texts": texts}, "") for texts in (
            ["Ctg"], [CTG, "CGCT art. L. 2121-29"], [CTG, ""], ["Convention  territoriale globale"],
            ["Convention d'objectifs territoriale globale"],
        )],
        ({"legal_basis.texts": []}, "+LIC-02"),
        ({"legal_basis.texts": [CTG], "legal_basis.article_6": "consent"}, "+LIC-03 +LIC-04"),
    ],
    "LIC-05": [
        *each("legal_basis.article_6", {
            None: "+LIC-05", ABSENT: "+LIC-05", "to_be_determined": "+LIC-05", "legal_obligation": "",
        }),
        ({"legal_basis": None}, "+LIC-05 +LIC-07 -CRPA-01 -CRPA-05"),
    ],
    "LIC-06": [({"legal_basis.article_6": "vital_interests"}, "+LIC-06"), ({}, "")],
    "LIC-07": each("legal_basis.disclosure_basis", {
        None: "+LIC-07", "": "+LIC-07", " \u00a0\t": "+LIC-07", ABSENT: "+LIC-07", "CRPA": "",
    }),
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
