"""CYC: decisions that depart, conditions, reviews, silences, the end of the convention."""

import itertools
from datetime import date, timedelta

from tests.registry.conformity.cases import ABSENT, Row, Table, each, every, of, table_test

FLOWS, START = {"@moment": "decision"}, {"@moment": "activation"}
APPROVALS = ("approved", "approved_subject_to_conditions", "awaiting_conditions")
DEPARTURES = {("unfavourable", value) for value in APPROVALS} | {
    ("favourable_subject_to_conditions", "approved"), ("favourable", "refused"),
    ("favourable_with_recommendations", "refused"),
}  # fmt: skip
VALUE, OPINION, REASONS = "@file.decision.value", "@file.opinion.value", "@file.decision.reasons"
TOLD = {"@file.decision.dpo_informed_on": "2022-10-01"}
ADVERSE = {"@file.study.feasibility.conclusion": "unfavourable"}
SENT = {"exchange_mode": "transmission", "frequency": "monthly", "@today": "2023-06-01"}
ASKED = {"@file.state": "awaiting_information", "@today": "2023-06-01"}


def _departing(opinion: str, value: str, reasons: str | None = None) -> Row:
    found = "+CYC-01" if (opinion, value) in DEPARTURES and not reasons else ""
    change = {**FLOWS, **TOLD, **ADVERSE, OPINION: opinion, VALUE: value, REASONS: reasons}
    return change, found + (" +CYC-07" if value == "refused" and not reasons else "")


def _line(expected: str, path: str, *excluded: str, value: str = "approved", opinion: str = "unfavourable") -> Row:
    lines = [{"path": "data_items.0", "value": "favourable"}, {"path": path, "value": opinion}]
    return (
        {**FLOWS, VALUE: value, "@file.opinion.lines": lines, "@file.decision.excluded_paths": list(excluded)},
        expected,
    )


def _condition(status: str | None, origin: str, prior: object, expected: str) -> Row:
    return {**START, "@file.recommendations": [
        {"number": 1, "prior": True, "status": "accepted_by_dpo", "origin": "dpo"},
        {"number": 2, "prior": prior, "status": status, "origin": origin}]}, expected  # fmt: skip


LIFTED = {"accepted_by_dpo", "withdrawn_by_dpo", "abandoned_with_reasons"}
PERIODS = {"daily": 2, "weekly": 11, "monthly": 45, "quarterly": 137, "half_yearly": 273, "yearly": 548}


def _silence(frequency: str, days: int) -> list[Row]:
    """The last flow `days` ago, on the limit, then the day before it."""
    limit = date(2023, 6, 1) - timedelta(days=days)
    change = {**SENT, "frequency": frequency, "@file.activated_on": None}
    before = (limit - timedelta(days=1)).isoformat()
    return [({**change, "@file.last_flow_on": limit.isoformat()}, ""),
            ({**change, "@file.last_flow_on": before}, "+CYC-05")]  # fmt: skip


def _request(due: str | None, answered: str | None) -> dict[str, object]:
    return {"requested_on": "2023-05-01", "due_on": due, "answered_on": answered}


def _asked(expected: str, *requests: dict[str, object], **change: object) -> Row:
    return {**ASKED, "@file.information_requests": list(requests), **change}, expected


TABLE: Table = {
    "CYC-01": [
        *[_departing(opinion, value) for opinion, value in itertools.product(of("opinion_value"), of("decision_value"))],
        *[_departing(opinion, value, "Motif") for opinion, value in sorted(DEPARTURES)],
        ({**FLOWS, OPINION: "unfavourable", REASONS: " "}, "+CYC-01"),
        _line("+CYC-01", "data_items.1"),
        *[_line("+CYC-01", "data_items.1", value=value) for value in APPROVALS],
        _line("", "data_items.1", "data_items.1"), _line("", "data_items.1", "data_items"),
        _line("", "data_items.1.precision", "data_items.1"), _line("+CYC-01", "data_items.1", "data_items.1.precision"),
        _line("+CYC-01", "data_items.10", "data_items.1"), _line("+CYC-01", "data_items.1", "data_items.10"),
        _line("", "data_items.1", value="outside_procedure"), _line("", "data_items.1", opinion="favourable"),
        _line("", "data_items.1", opinion="favourable_subject_to_conditions"),
        *each("@file.decision.recommendations_not_followed", {None: "", ABSENT: ""}, **FLOWS),
        ({**FLOWS, "@file.decision.recommendations_not_followed": [1]}, "+CYC-01"),
        ({**FLOWS, "@file.decision.recommendations_not_followed": [1], REASONS: "  "}, "+CYC-01"),
        ({**FLOWS, "@file.decision.recommendations_not_followed": [1], REASONS: "Motif"}, ""),
        ({**FLOWS, "@file.decision.recommendations_not_followed": []}, ""),
    ],
    "CYC-02": [
        *[_condition(status, origin, True,
                     "" if status in LIFTED or (status == "done" and origin != "dpo") else "+CYC-02:2")
          for status in of("recommendation_status") for origin in of("recommendation_origin")],
        _condition(None, "dpo", True, "+CYC-02:2"),
        *[_condition("to_do", "dpo", prior, "") for prior in (False, None)],
        ({**START, "@file.recommendations": [{"number": n, "prior": True, "status": "to_do", "origin": "dpo"}
                                             for n in (1, 2, 3)]}, "+CYC-02:1 +CYC-02:2 +CYC-02:3"),
        ({**START, "@file.recommendations": None}, ""),
    ],
    "CYC-03": [
        *each("@file.next_review_on", {"2023-06-01": "", "2023-05-31": "+CYC-03", "2023-06-02": "", None: ""}),
        *every("@file.state", "state", {"active": "+CYC-03"}, **{"@file.next_review_on": "2023-01-01"}),
    ],
    "CYC-04": [
        _asked("+CYC-04", _request("2023-05-31", None)), _asked("", _request("2023-06-01", None)),
        _asked("", _request("2023-05-31", "2023-05-30")), _asked(""), _asked("", _request(None, None)),
        _asked("+CYC-04", _request("2023-05-01", "2023-04-30"), _request("2023-05-31", None)),
        _asked("+CYC-04", {"requested_on": "2023-05-01", "due_on": "2023-05-31"}),
        *every("@file.state", "state", {"awaiting_information": "+CYC-04"}, **{
            "@file.information_requests": [_request("2023-05-31", None)]}),
    ],
    "CYC-05": [
        *[row for frequency, days in PERIODS.items() for row in _silence(frequency, days)],
        *every("frequency", "frequency", dict.fromkeys(PERIODS, "+CYC-05"), **SENT, **{
            "@file.activated_on": "2021-01-01"}),
        ({**SENT, "@file.activated_on": "2021-01-01", "exchange_mode": "access"}, ""),
        ({**SENT, "@file.activated_on": "2021-01-01", "frequency": None}, ""),
        ({**SENT, "@file.activated_on": "2021-01-01", "@file.last_flow_on": "2023-05-30"}, ""),
        ({**SENT, "@file.activated_on": "2023-05-30", "@file.last_flow_on": "2021-01-01"}, ""),
        ({**SENT, "@file.activated_on": None}, ""),
        ({**SENT, "@file.activated_on": "2023-05-02", "@settings": {"inactivity_periods": 1}}, ""),
        ({**SENT, "@file.activated_on": "2023-05-01", "@settings": {"inactivity_periods": 1}}, "+CYC-05"),
        *every("@file.state", "state", {"active": "+CYC-05"}, **SENT, **{"@file.activated_on": "2021-01-01"}),
    ],
    "CYC-06": [
        *each("@today", {"2025-06-30": "", "2025-07-01": "+CYC-06"}, **{
            "@active": 2, "@file.state": "draft"}),
        ({"@active": 0, "@today": "2025-12-01", "@file.state": "draft"}, ""),
        ({"@active": 1, "@convention.term": "2024-02-29", "@today": "2023-08-31", "@file.state": "draft"}, ""),
        ({"@active": 1, "@convention.term": "2024-02-28", "@today": "2023-08-31", "@file.state": "draft"}, "+CYC-06"),
        ({"@active": 1, "@convention.terminated_on": "2023-11-30"}, "+CYC-06"),
        ({"@active": 1, "@convention.terminated_on": "2023-12-01"}, ""),
        ({"@active": 1, "@today": "2025-12-01", "@file.state": "draft",
          "@convention.renewals": [{"term": "2030-12-31"}]}, ""),
        ({"@active": 1, "@today": "2025-03-01", "@file.state": "draft", "@settings": {"term_warning_months": 10}},
         "+CYC-06"),
        ({"@active": 1, "@today": "2026-06-01", "@file.state": "draft"}, "+CYC-06"),
    ],
    "CYC-07": [
        *[({**FLOWS, **TOLD, VALUE: "refused", REASONS: "Motif", OPINION: opinion}, expected) for opinion, expected in (
            ("unfavourable", ""), ("favourable", "+CYC-07"), ("favourable_subject_to_conditions", "+CYC-07"))],
        *[({**FLOWS, **TOLD, VALUE: "refused", REASONS: "Motif", f"@file.study.{part}.conclusion": "unfavourable"}, "")
          for part in ("opportunity", "feasibility", "compliance")],
        ({**FLOWS, **TOLD, VALUE: "refused", REASONS: "Motif", "@file.study.compliance.conclusion": "reserved"},
         "+CYC-07"),
        *each(REASONS, {None: "+CYC-07", " ": "+CYC-07", "Motif": ""}, **FLOWS, **TOLD, **{
            VALUE: "refused", OPINION: "unfavourable"}),
        *each("@file.decision.dpo_informed_on", {None: "+CYC-07", ABSENT: "+CYC-07", "2022-10-01": ""}, **FLOWS, **{
            VALUE: "refused", OPINION: "unfavourable", REASONS: "Motif"}),
        ({**FLOWS, **TOLD, VALUE: "refused", REASONS: "Motif", "@file.opinion": None, "@file.study": None}, "+CYC-07"),
        ({**FLOWS, **TOLD, VALUE: "refused", REASONS: "Motif", "@file.opinion": None, **ADVERSE}, ""),
        ({**FLOWS, VALUE: "outside_procedure"}, ""),
    ],
}  # fmt: skip

test_findings_move_as_the_catalogue_says = table_test(TABLE)
