"""NIR: the social security number and the beneficiary's number."""

from tests.registry.conformity.cases import ABSENT, Table, each, item, labels, table_test

TWO = {"data_items": [item(nir=True), item(), item(nir=True)]}
ALLOWED = "@file.opinion.nir_authorised"

TABLE: Table = {
    "NIR-01": [
        *each("data_items.1.nir", {True: "+NIR-01", False: "", None: "", ABSENT: ""}),
        ({"data_items.1.cnil_category": "nir"}, ""),
        *[({"data_items.1.nir": True, ALLOWED: paths}, expected) for paths, expected in (
            (["data_items.1"], ""), (["data_items.0"], "+NIR-01"), (["data_items.10", "data_items.11"], "+NIR-01"),
            ([], "+NIR-01"), (None, "+NIR-01"), (["data_items.0", "data_items.1"], ""))],
        ({"data_items.1.nir": True, "@file.opinion": None}, "+NIR-01"),
        ({**TWO, ALLOWED: ["data_items.0"]}, "+NIR-01"),
        ({**TWO, ALLOWED: ["data_items.0", "data_items.2"]}, ""),
    ],
    "NIR-02": [
        *labels("+NIR-02 +MIN-01", "Numéro allocataire", "Numéros d'allocataires", "N° d’allocataire", "n° allocataire",
                "MATRICULE ALLOCATAIRE", "Numéro CAF", "numéros de Caf", necessity=" "),
        *labels("+MIN-01", "Numero allocataire", "Identifiant", "allocataire", necessity=None),
        *labels("", "Numéro allocataire"),
    ],
    "NIR-03": [
        *labels("+NIR-03", "NIR", "le nir.", "NIRs", "Numéro de sécurité sociale", "Numéros de sécurité sociale",
                "numéro de Sécu", "N° de sécu", "n° de sécurité sociale", "n° sécu",
                "Numéro d’inscription au répertoire"),
        *labels("", "Finir", "NIR_2", "numero de securite sociale", "Numéro d'inscription", "Sécurité sociale"),
        *labels("+NIR-01", "NIR", nir=True),
        *labels("+NIR-03", "NIR", nir=None),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
