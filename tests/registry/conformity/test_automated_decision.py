"""DEC: automated decisions, algorithms, profiles."""

from tests.registry.conformity.cases import ABSENT, Table, each, item, table_test

AUTOMATED, TEXT = "uses.automated_decision", "uses.automated_decision_text"
SENSITIVE = {"data_items.1": item(article_9="political_opinions", article_9_2_exception="explicit_consent")}

TABLE: Table = {
    "DEC-01": [
        *each(TEXT, {None: "+DEC-01", "": "+DEC-01", " ": "+DEC-01", ABSENT: "+DEC-01", "Loi": ""}, **{
            AUTOMATED: True}),
        ({AUTOMATED: True, TEXT: "Loi", **SENSITIVE}, "+DEC-01"),
        *each(AUTOMATED, {False: "", None: "", ABSENT: ""}, **SENSITIVE),
    ],
    "DEC-02": each("uses.algorithmic_contribution", {True: "+DEC-02", False: "", None: "", ABSENT: ""}),
    "DEC-03": each("uses.profiling", {True: "+DEC-03", False: "", None: "", ABSENT: ""}),
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
