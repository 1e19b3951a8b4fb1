"""MIN: no more data, and no more precise, than the purpose needs."""

from tests.registry.conformity.cases import ABSENT, Table, each, every, item, labels, table_test

MANY, MASS = "+MIN-02", {"legal_basis.crpa_regime": None, "volume.scope": "exhaustive"}
ALONE = "-CRPA-01 -CRPA-05"
KIND, PRECISE = "purposes.kind", "data_items.1.precision"
STATISTICAL = ("statistics", "steering", "evaluation")

TABLE: Table = {
    "MIN-01": [
        *each("data_items.1.necessity", {
            None: "+MIN-01", "": "+MIN-01", " \t": "+MIN-01", ABSENT: "+MIN-01", "Barème": "",
        }),
        ({"data_items": [item(necessity=""), item(necessity=None), item()]}, "+MIN-01"),
        ({"data_items": []}, ""),
    ],
    "MIN-02": [
        ({"data_items": [item()] * 15}, ""),
        ({"data_items": [item()] * 16}, MANY),
        ({"@settings": {"max_data_items": 3}}, ""),
        ({"@settings": {"max_data_items": 2}}, MANY),
        *labels(MANY, "Dossier complet", "Les dossiers complets", "TOUTES LES DONNÉES", "l'intégralité du dossier"),
        *labels("", "Dossier incomplet", "toute donnée utile", "integralite"),
        ({"data_items": None}, ""),
        ({"data_items": [], "purposes.main": "le dossier complet"}, ""),
    ],
    "MIN-04": each("data_items.2.free_text", {True: "+MIN-04", False: "", None: "", ABSENT: ""}),
    "MIN-05": [
        *[({KIND: kind, PRECISE: precision}, "+MIN-05 +ALT-01")
          for kind in STATISTICAL for precision in ("exact_address", "full_birth_date")],
        *every(PRECISE, "precision", dict.fromkeys(("exact_address", "full_birth_date"), "+ALT-01 +MIN-05"), "+ALT-01",
               **{KIND: "statistics"}),
        *every(KIND, "purpose_kind", dict.fromkeys(STATISTICAL, "+ALT-01 +MIN-05"), **{PRECISE: "exact_address"}),
        ({KIND: None, PRECISE: "full_birth_date"}, ""),
    ],
    "MIN-06": [
        *each("volume.exhaustive_by_law", {
            False: f"+MIN-06 {ALONE}", None: f"+MIN-06 {ALONE}", ABSENT: f"+MIN-06 {ALONE}", True: ALONE,
        }, **MASS),
        *every("volume.scope", "volume_scope", {"exhaustive": f"+MIN-06 {ALONE}"}, ALONE,
               **{"legal_basis.crpa_regime": None}),
        ({"legal_basis.crpa_regime": None, "volume": None}, ALONE),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
