"""ALT: where something less than individual data would do."""

from tests.registry.conformity.cases import ABSENT, Table, each, every, table_test

AGGREGATED = {"@base": "EX-2022-002", "data_nature": "aggregated"}
CELL, OPEN = "volume.cell_threshold", "open_data_alternatives"

TABLE: Table = {
    "ALT-01": [
        *every("purposes.kind", "purpose_kind", dict.fromkeys(("statistics", "steering", "evaluation"), "+ALT-01")),
        *each("purposes.kind", {None: "", ABSENT: ""}),
        ({"@base": "EX-2022-002", "purposes.kind": "statistics"}, ""),
    ],
    "ALT-02": [
        *each(CELL, {None: "+ALT-02", ABSENT: "+ALT-02", 0: "+ALT-02", 4: "+ALT-02", 5: "", 6: ""}, **AGGREGATED),
        ({**AGGREGATED, "volume": None}, "+ALT-02"),
        *each(CELL, {10: "+ALT-02", 11: ""}, **AGGREGATED, **{"@settings": {"minimum_cell_size": 11}}),
        *each("data_nature", {"non_personal": "", "anonymous": ""}, **{"@base": "EX-2022-002", CELL: 1}),
        ({CELL: 1}, ""),
    ],
    "ALT-03": [
        *[({OPEN: value}, expected) for value, expected in (
            (["Allocataires par commune"], "+ALT-03"), (["A", "B"], "+ALT-03"), ([], ""), (None, ""), (ABSENT, ""))],
        ({"@base": "EX-2022-002", OPEN: ["A"]}, "+ALT-03"),
    ],
    "ALT-04": [({"data_nature": "pseudonymised"}, "+ALT-04"), ({"data_nature": None}, "")],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
