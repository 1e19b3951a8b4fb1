"""INF: convictions and offences (GDPR article 10)."""

from tests.registry.conformity.cases import ABSENT, Table, each, table_test

TABLE: Table = {
    "INF-01": [
        *each("data_items.1.article_10", {True: "+INF-01", False: "", None: "", ABSENT: ""}),
        ({"data_items.1.cnil_category": "criminal_convictions_and_offences"}, ""),
    ],
}

test_findings_move_as_the_catalogue_says = table_test(TABLE)
