"""The nightly pass reads an exchange on its turning days only: between two of them its findings never change."""

import copy
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.conformity import check_life
from registry.conformity.turning import turning_days
from schemas import enumeration
from tests.world import CAF, SGL, reference, request_document

START = date(2023, 3, 1)
days = st.dates(START, date(2023, 9, 1)).map(date.isoformat)
optional = st.none() | days


@settings(deadline=None, max_examples=15)
@given(
    st.sampled_from(["active", "awaiting_information", "suspended", "approved"]),
    st.fixed_dictionaries({
        "next_review_on": optional, "activated_on": optional, "last_flow_on": optional,
        "dpia_record": st.none() | st.fixed_dictionaries({"completed_on": days}),
        "information_requests": st.lists(st.fixed_dictionaries({"requested_on": days, "due_on": days}), max_size=2),
    }),
    st.sampled_from(enumeration("frequency")),
    st.fixed_dictionaries({"term": days, "terminated_on": optional}),
)  # fmt: skip
def test_findings_change_on_turning_days_only(
    state: str, facts: dict[str, Any], frequency: str, ends: dict[str, Any]
) -> None:
    request = request_document(frequency=frequency, exchange_mode="transmission")
    file = {"state": state, "request": request, "version": 1, "controllers": [CAF, SGL], **facts}
    convention = copy.deepcopy(reference("convention")) | ends | {"renewals": []}
    convention["checks"] = {"settings": {"dpia_review_months": 1}}
    turns = turning_days(file, convention)
    before = _found(file, convention, START)
    for count in range(1, 300):
        day = START + timedelta(count)
        after = _found(file, convention, day)
        assert after == before or day in turns, (day, before ^ after)
        before = after


def _found(file: dict[str, Any], convention: dict[str, Any], day: date) -> set[tuple[str, str]]:
    return {(finding.id, finding.subject) for finding in check_life(file, convention, day)}
