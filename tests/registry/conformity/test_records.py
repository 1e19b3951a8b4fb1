"""REG: the register entries of each controller concerned."""

from tests.registry.conformity.cases import ABSENT, Table, each, every, table_test

START = {"@moment": "activation"}
LACKING = "+REG-01"
PROCESSOR = [{"name": "P", "article_28_contract": True, "country": "FR"}]
TRANSFER = [{"recipient": "P", "country": "US", "safeguard": "adequacy_decision"}]
CONFIRMED, CHANGED = "@file.register_confirmations", "@file.last_changed_on"

TABLE: Table = {
    "REG-01": [
        (START, ""),
        *[({**START, f"@register.{party}.{key}": blank}, LACKING) for party in ("oullins", "caf-rhone")
          for key, blank in (
              ("controller.name", " "), ("controller.contact_details", None), ("controller", None),
              ("data_protection_officer", None), ("purposes", []), ("purposes", [" "]),
              ("categories_of_data_subjects", [""]), ("categories_of_personal_data", []),
              ("categories_of_recipients", ABSENT),
          )],
        ({**START, "@register.oullins": None}, LACKING),
        ({**START, "@registers": {}}, LACKING),
        ({**START, "@registers": {}, "@file.controllers": ["caf-rhone"]}, LACKING),
        ({**START, "@register.oullins": None, "@file.controllers": ["caf-rhone"]}, ""),
        ({**START, "@register.oullins.time_limits_for_erasure": None, "@register.oullins.security_measures": []}, ""),
        ({**START, "controllership": "joint"}, LACKING),
        ({**START, "controllership": "joint",
          **{f"@register.{p}.joint_controllers": [{"name": "B"}] for p in ("oullins", "caf-rhone")}}, ""),
        ({**START, "transfers": TRANSFER}, LACKING),
        ({**START, "transfers": TRANSFER,
          **{f"@register.{p}.transfers": [{"country": "US"}] for p in ("oullins", "caf-rhone")}}, ""),
        ({**START, "transfers": TRANSFER, "@register.oullins.transfers": [{"country": "US"}]}, LACKING),
    ],
    "REG-02": [
        ({CONFIRMED: []}, "+REG-02:caf-rhone +REG-02:oullins"),
        ({CONFIRMED: [], CHANGED: ABSENT}, "+REG-02:caf-rhone +REG-02:oullins"),
        ({CONFIRMED: [], "@file.controllers": ["oullins"]}, "+REG-02:oullins"),
        *each(CHANGED, {
            "2022-10-01": "", "2022-10-02": "+REG-02:oullins", "2022-10-03": "+REG-02:caf-rhone +REG-02:oullins",
            None: "", ABSENT: "",
        }),
        ({CHANGED: "2022-11-01", CONFIRMED: [
            {"party": "oullins", "version": 2, "confirmed_on": "2022-11-01"},
            {"party": "oullins", "version": 1, "confirmed_on": "2022-10-01"},
            {"party": "caf-rhone", "version": 2, "confirmed_on": "2022-10-31"}]}, "+REG-02:caf-rhone"),
        ({f"{CONFIRMED}.0.confirmed_on": None}, "+REG-02:oullins"),
        *every("@file.state", "state", {"active": "+REG-02:caf-rhone +REG-02:oullins"}, **{CONFIRMED: None}),
    ],
    "REG-03": [
        ({**START, "processors": PROCESSOR}, "+REG-03"),
        *[({**START, "processors": none}, "") for none in ([], None, ABSENT)],
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
