"""Information of the persons: INFO-01 to INFO-06."""

from registry.conformity.reading import Reading
from registry.conformity.registered import Answer, check, where
from registry.conformity.terms import is_blank


@check("INFO-01")
def _no_notice(r: Reading) -> Answer:
    if r.information.get("article_14_exception") is not None:
        return False
    missing = r.information.get("article_14_notice") != "attached"
    return where(missing or (r.activation and not r.attached("article_14_notice")), "information/article_14_notice")


@check("INFO-02")
def _late(r: Reading) -> Answer:
    days = r.information.get("timing_days")
    return where(days is not None and days > r.setting("article_14_days"), "information/timing_days")


@check("INFO-03")
def _exception_unjustified(r: Reading) -> Answer:
    claimed = r.information.get("article_14_exception") is not None
    key = "article_14_exception_justification"
    return where(claimed and is_blank(r.information.get(key)), f"information/{key}")


@check("INFO-04")
def _holder_notice(r: Reading) -> Answer:
    key = "holder_notice_names_recipient"
    return where(r.information.get(key) is not True, f"information/{key}")


@check("INFO-05")
def _objection(r: Reading) -> Answer:
    due = r.basis.get("article_6") == "public_interest_task" or r.basis.get("crpa_regime") == "proactive"
    return where(due and r.information.get("objection_organised") is not True, "information/objection_organised")


@check("INFO-06")
def _article_19(r: Reading) -> Answer:
    key = "article_19_notification"
    return where(r.information.get(key) is not True, f"information/{key}")
