"""SEN: article 9 data and what may reveal them."""

from schemas import vocabulary
from tests.registry.conformity.cases import ABSENT, Row, Table, every, item, labels, of, table_test

ALLOWED = {"article_9": "political_opinions", "article_9_2_exception": "explicit_consent"}
HEALTH = {"article_9": "health", "article_9_2_exception": "explicit_consent"}
NEED_TEXT = tuple(
    name for name, described in vocabulary()["enumerations"]["article_9_2_exception"].items()
    if described["requires_text"]
)  # fmt: skip
LISTED = ("employment_and_social_security", "substantial_public_interest", "health_or_social_care", "public_health",
          "archiving_research_statistics")  # fmt: skip
NO_REGIME, FREED = {"legal_basis.crpa_regime": None}, "-CRPA-01 -CRPA-05"


def _item(expected: str, **keys: object) -> Row:
    return {"data_items.1": item(**keys)}, expected


def _seen_by(expected: str, *secrecies: object, **keys: object) -> Row:
    recipients = [{"label": "S", "kind": "internal_department", "professional_secrecy": s} for s in secrecies]
    return {**NO_REGIME, "data_items.1": item(**keys), "recipients": recipients}, f"{FREED} {expected}"


TABLE: Table = {
    "SEN-01": [
        *every("data_items.1.article_9", "article_9", {"health": "+SEN-01 +SEN-05 +CRPA-04"}, "+SEN-01"),
        _item("", **ALLOWED),
        _item("", article_9=None, article_9_2_exception=None),
        ({"data_items.1.article_9": ABSENT}, ""),
    ],
    "SEN-02": [
        *[_item("+SEN-02" if exception in LISTED else "", article_9="political_opinions",
                article_9_2_exception=exception) for exception in of("article_9_2_exception")],
        *[_item("+SEN-02", article_9_2_exception=exception, article_9_2_text=" ") for exception in NEED_TEXT],
        _item("", article_9_2_exception="public_health", article_9_2_text="CSP art. L. 1"),
        ({"data_items.1.article_9_2_exception": "public_health", "data_items.1.article_9_2_text": ABSENT}, "+SEN-02"),
    ],
    "SEN-03": [
        *labels("+SEN-03", "Situation de handicap", "Enfants handicapés", "Pension d'invalidité", "Allergies",
                "GROSSESSE", "Régimes alimentaires", "État de santé", "santés", "Sante\u0301", "Montant de l'AAH",
                "L’AEEH", "aah", "(MDPH)", "P.A.I. ou PAI", "ALD", "AAHs", "AAH-2", "En paix"),
        *labels("", "État de sante", "regime alimentaire", "AAHH", "AAH2", "AAH_2", "Ronald", "maladie", "PA I"),
        *labels("", "Handicap", **ALLOWED),
        *labels("+NIR-01", "Santé", nir=True),
        *labels("+SEN-03", "Handicap", nir=None),
    ],
    "SEN-04": [
        *labels("+SEN-04", "Nationalité", "nationalités", "Pays de naissance", "Titre de séjour", "titres de séjour",
                "Carte de séjour", "cartes de séjour", "Langue maternelle", "Langues parlées"),
        *labels("", "Date de naissance", "Pays de résidence", "Nationalite", "Langue du courrier", "Durée du séjour"),
        *labels("+SEN-04", "Nationalité", **ALLOWED),
    ],
    "SEN-05": [
        _seen_by("", True, **HEALTH),
        _seen_by("+SEN-05", False, **HEALTH),
        _seen_by("+SEN-05", None, **HEALTH),
        _seen_by("+SEN-05", True, False, True, **HEALTH),
        _seen_by("", **HEALTH),
        _seen_by("", False, **ALLOWED),
        ({**NO_REGIME, "data_items.1": item(**HEALTH), "recipients": None}, FREED),
        ({**NO_REGIME, "data_items.1": item(**HEALTH), "recipients.0.professional_secrecy": ABSENT},
         f"{FREED} +SEN-05"),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
