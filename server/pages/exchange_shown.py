"""What every template about one exchange reads: the file, what it asks, its findings, its study, and its names."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.convention import Convention
from registry.exchange.acts import ACTS
from registry.exchange.awaited import LABELS
from registry.exchange.deadlines import Clock
from registry.exchange.file import File
from registry.gate.reading import LinkedRecords, RequestView
from registry.ledger.openings import ERASED
from server.api.http import PREFIX
from server.auth.browser import signed_in
from server.pages.act_paths import paths_of
from server.pages.asked import FIRST, asked
from server.pages.rendering import Call
from server.pages.standing import departed, progress, side_by_side
from server.pages.study import parts
from server.pages.words import place

_STEPS = frozenset({"admissibility", "study", "dpo_opinion", "decision"})
"""Clocks that go on being shown once they ended: how long each step took."""


def worth_showing(clock: Clock) -> bool:
    """Whether a clock is worth a line: the alert on the whole file, only once it rang."""
    if clock.name == "whole_file_alert":
        return clock.ended_on is None and clock.past_due
    return clock.ended_on is None or clock.name in _STEPS


def exchange_shown(request: Call, view: RequestView, convention: Convention, records: LinkedRecords) -> dict[str, Any]:
    """The context that the templates of `templates/exchange/` share."""
    file = view.file
    findings = [_found(one, file) for one in view.checked.findings]

    def name(party: str) -> str:
        """A party's name in the exchange's convention."""
        return str((convention.party(party) or {}).get("name") or party)

    return {
        "file": file,
        "view": view,
        "party": signed_in(request).browser.party,
        "api": f"{PREFIX}/requests/{file.id}",
        "receipts": f"{PREFIX}/receipts/{file.id}",
        "groups": asked(file.request),
        "first": FIRST,
        "findings": findings,
        "study": parts(file, findings),
        "departs": departed(file),
        "progress": progress(file.recommendations),
        "open_acts": paths_of(view),
        "labels": {name: act.label for name, act in ACTS.items()} | ({} if file.state == "draft" else LABELS),
        "gone": {digest for erasure in file.erasures for digest in erasure.attachments},
        "records": records,
        "confirmations": {one.party: one for one in file.register_confirmations},
        "weighed": _weighed,
        "compared": side_by_side(records, file.controllers),
        "name": name,
        "who": lambda account: view.people.get(account, ERASED),
        "where": lambda path: place(path, file.request) or path,
    }


def _weighed(findings: Sequence[Mapping[str, Any]]) -> tuple[list[Any], list[Any], int]:
    """The findings that block or warn, those that only inform, and how many block."""
    grave = [one for one in findings if one["severity"] != "information"]
    light = [one for one in findings if one["severity"] == "information"]
    return grave, light, sum(one["severity"] == "blocking" for one in grave)


def _found(one: dict[str, Any], file: File) -> dict[str, Any]:
    """A finding with the places it concerns, in words."""
    places = [place(pointer, file.request) for pointer in one["pointers"]]
    return {**one, "places": list(dict.fromkeys(filter(None, places)))}
