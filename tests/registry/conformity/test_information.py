"""INFO: what the persons are told, and their rights on both sides."""

from tests.registry.conformity.cases import ABSENT, Table, each, every, table_test

NOTICE, EXCEPTION = "information.article_14_notice", "information.article_14_exception"
WHY, OBJECTION = "information.article_14_exception_justification", "information.objection_organised"
START, PIECES = {"@activation": True}, "@file.attachments"
JOINED = [{"kind": "article_14_notice"}]

TABLE: Table = {
    "INFO-01": [
        *each(NOTICE, {"missing": "+INFO-01", None: "+INFO-01", ABSENT: "+INFO-01", "attached": ""}),
        ({"information": None}, "+INFO-01 +INFO-04 +INFO-05 +INFO-06"),
        ({NOTICE: "missing", EXCEPTION: "already_informed", WHY: "Déjà informées"}, ""),
        ({**START}, "+INFO-01"),
        ({**START, PIECES: JOINED}, ""),
        ({**START, PIECES: None}, "+INFO-01"),
        ({**START, PIECES: [{"kind": "other"}, {"kind": "dpia"}]}, "+INFO-01"),
        ({**START, PIECES: JOINED, NOTICE: "missing"}, "+INFO-01"),
        ({**START, EXCEPTION: "already_informed", WHY: "Déjà informées"}, ""),
        ({**START, NOTICE: None, EXCEPTION: "already_informed", WHY: "Déjà informées"}, ""),
        ({PIECES: []}, ""),
    ],
    "INFO-02": [
        *each("information.timing_days", {30: "", 31: "+INFO-02", 0: "", None: "", ABSENT: ""}),
        *every("information.timing", "timing", {}, "+INFO-02", **{"information.timing_days": 31}),
        ({"information.timing": None, "information.timing_days": 31}, "+INFO-02"),
        *each("information.timing_days", {15: "", 16: "+INFO-02"}, **{"@settings": {"article_14_days": 15}}),
    ],
    "INFO-03": [
        *every(EXCEPTION, "article_14_exception", {}, "+INFO-03"),
        *each(WHY, {None: "+INFO-03", "": "+INFO-03", " ": "+INFO-03", ABSENT: "+INFO-03", "Texte": ""},
              **{EXCEPTION: "obtaining_laid_down_by_law"}),
        ({WHY: None}, ""),
    ],
    "INFO-04": each("information.holder_notice_names_recipient", {
        True: "", False: "+INFO-04", None: "+INFO-04", ABSENT: "+INFO-04",
    }),
    "INFO-05": [
        *each(OBJECTION, {True: "", False: "+INFO-05", None: "+INFO-05", ABSENT: "+INFO-05"}),
        *every("legal_basis.article_6", "article_6", {
            "consent": "+LIC-03", "contract": "+LIC-04", "legal_obligation": "", "vital_interests": "+LIC-06",
            "public_interest_task": "+INFO-05", "legitimate_interests": "+LIC-01", "to_be_determined": "+LIC-05",
        }, **{OBJECTION: False}),
        *each("legal_basis.crpa_regime", {
            "on_request": "", "proactive": "+INFO-05 +CRPA-03 -CRPA-01", None: "-CRPA-01 -CRPA-05",
        }, **{OBJECTION: False, "legal_basis.article_6": "legal_obligation"}),
    ],
    "INFO-06": each("information.article_19_notification", {
        True: "", False: "+INFO-06", None: "+INFO-06", ABSENT: "+INFO-06",
    }),
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
