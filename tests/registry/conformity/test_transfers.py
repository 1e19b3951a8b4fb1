"""TRF: transfers out of the European Economic Area."""

from tests.registry.conformity.cases import ABSENT, Row, Table, every, table_test

LINE = {"recipient": "Éditeur", "country": "US"}


def _transfers(expected: str, *safeguards: str | None) -> Row:
    return {"transfers": [{**LINE, "safeguard": safeguard} for safeguard in safeguards]}, expected


TABLE: Table = {
    "TRF-01": [
        _transfers("+TRF-01", None), _transfers("+TRF-01", "adequacy_decision", None), _transfers(""),
        ({"transfers": [LINE]}, "+TRF-01"),
        ({"transfers": None}, ""), ({"transfers": ABSENT}, ""),
        ({"processors": [{"name": "P", "article_28_contract": True, "country": "US"}]}, ""),
    ],
    "TRF-02": every("transfers.0.safeguard", "safeguard", {
        "data_privacy_framework": "+TRF-02 -TRF-01", "article_49_derogation": "+TRF-03 -TRF-01",
    }, "-TRF-01", **{"@base": "EX-2024-006"}),
    "TRF-03": [
        _transfers("+TRF-03", "article_49_derogation"),
        _transfers("+TRF-01 +TRF-02 +TRF-03", None, "data_privacy_framework", "article_49_derogation"),
        _transfers("", "standard_contractual_clauses"),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
