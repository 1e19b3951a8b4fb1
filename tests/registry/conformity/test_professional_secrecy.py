"""SECRET: professional secrecy and who may lift it."""

from tests.registry.conformity.cases import ABSENT, Table, each, every, item, labels, table_test

LIFTED, COVERED = "legal_basis.secrecy.lifted_by", "legal_basis.secrecy.covered"
RSA = {"data_items.1": item("Montant du RSA"), "legal_basis.crpa_regime": None, "volume.scope": "targeted",
       COVERED: False}  # fmt: skip
LEFT = "-CRPA-01 -CRPA-05"
SEEN = {"elected_officials": "+SECRET-03", "steering_committee": "+SECRET-03"}
OTHERS = {"private_third_party": "+ROL-04", "municipal_social_action_centre": "+ROL-05",
          "other_public_body": "+ROL-05", "public_service_operator": "+ROL-10", "statutory_body": "+SECRET-06"}  # fmt: skip

TABLE: Table = {
    "SECRET-01": [
        *each(LIFTED, {None: "+SECRET-01", "": "+SECRET-01", "\t": "+SECRET-01", ABSENT: "+SECRET-01", "CRPA": ""}),
        *each(COVERED, {True: "+SECRET-01", False: "", None: "", ABSENT: ""}, **{LIFTED: None}),
        ({"legal_basis.secrecy": None}, ""),
    ],
    "SECRET-02": each(LIFTED, {
        "CASF art. L. 121-6-2": "+SECRET-02", "L121-6-2": "+SECRET-02", "L. 121-6-2-1": "+SECRET-02",
        "CASF art. L. 121-6": "", "L. 121\u20116\u20112": "",
    }),
    "SECRET-03": [
        *every("recipients.0.kind", "recipient_kind", SEEN | OTHERS),
        ({"recipients": [{"label": "A", "kind": "municipality"}, {"label": "B", "kind": "elected_officials"}]},
         "+SECRET-03"),
    ],
    "SECRET-04": [
        *each(LIFTED, {None: f"{LEFT} +SECRET-04", " ": f"{LEFT} +SECRET-04", "CASF": LEFT}, **RSA),
        *every("volume.scope", "volume_scope", {"applicants": LEFT, "exhaustive": f"{LEFT} +SECRET-04 +MIN-06"},
               f"{LEFT} +SECRET-04", **(RSA | {LIFTED: None, "volume.scope": None})),
        ({**RSA, LIFTED: None, "volume": None}, f"{LEFT} +SECRET-04"),
        *[({**RSA, LIFTED: None, "data_items.1.label": text}, f"{LEFT} +SECRET-04")
          for text in ("rsa", "RSAs", "l’RSA", "Revenus de solidarité active", "REVENU DE SOLIDARITÉ ACTIVE")],
        *[({**RSA, LIFTED: None, "data_items.1.label": text}, LEFT)
          for text in ("Versant", "RSA_2", "RSA2", "Revenu de solidarite active", "R.S.A.")],
    ],
    "SECRET-05": [
        *labels("+SECRET-05", "Information préoccupante", "Informations préoccupantes", "INFORMATION PRÉOCCUPANTE",
                "CRIP", "crips", "la CRIP."),
        *labels("", "Description", "Scripts", "Information preoccupante", "Informations utiles"),
    ],
    "SECRET-06": [({"recipients.0.kind": "statutory_body"}, "+SECRET-06"), ({"recipients": []}, "")],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
