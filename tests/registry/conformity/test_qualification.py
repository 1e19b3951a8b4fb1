"""QUAL: data called impersonal that seem to lead to a person."""

from tests.registry.conformity.cases import Table, every, item, table_test

WORK = {"@base": "EX-2022-002"}
SHOWN = "+QUAL-01"

TABLE: Table = {
    "QUAL-01": [
        *every("data_items.1.cnil_category", "cnil_category", {"none": ""}, SHOWN, **WORK),
        *every("data_items.2.precision", "precision",
               dict.fromkeys(("exact", "exact_address", "full_birth_date"), SHOWN), **WORK),
        ({**WORK, "data_items.0.cnil_category": None}, ""),
        ({**WORK, "data_items": []}, ""),
        ({**WORK, "data_items": None}, ""),
        ({**WORK, "data_nature": "anonymous", "data_items": [item()]}, SHOWN),
        ({**WORK, "data_nature": "aggregated", "volume.cell_threshold": 5, "data_items": [item()]}, SHOWN),
        ({"data_items.0.precision": "exact"}, ""),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
