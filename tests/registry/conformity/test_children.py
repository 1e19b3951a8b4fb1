"""ENF: minors, parental authority, the school census."""

from tests.registry.conformity.cases import ABSENT, Table, each, labels, table_test

BASIS = ["CGCT art. L. 2121-29"]

TABLE: Table = {
    "ENF-01": [
        *each("data_subjects.1.minors", {False: "-ENF-01", None: "-ENF-01", ABSENT: "-ENF-01", True: ""}),
        *[({"data_subjects": value}, "-ENF-01") for value in ([], None, ABSENT)],
    ],
    "ENF-02": [
        *labels("+ENF-02", "Autorité parentale", "autorités parentales", "Garde alternée", "Gardes partagées",
                "Résidence alternée", "Séparation des parents", "JUGEMENT", "Jugements"),
        *labels("", "Autorite parentale", "Jour de garde", "Résidence", "Parents séparés"),
    ],
    "ENF-03": [
        *[({"legal_basis.texts": [*BASIS, text]}, "+ENF-03") for text in (
            "Code de l'éducation art. L. 131-6", "R. 131-6", "L131-6", "L. 1131-60")],
        *[({"legal_basis.texts": [*BASIS, text]}, "") for text in ("R. 131-3", "L. 131\u20116", "131 - 6", "")],
        ({"legal_basis.disclosure_basis": "C. éduc. art. L. 131-6"}, ""),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
