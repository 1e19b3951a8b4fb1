"""SOC: appreciations of social difficulties."""

from tests.registry.conformity.cases import ABSENT, Table, each, table_test

TABLE: Table = {
    "SOC-01": each("data_items.1.social_difficulties", {True: "+SOC-01", False: "", None: "", ABSENT: ""}),
}

test_findings_move_as_the_catalogue_says = table_test(TABLE)
