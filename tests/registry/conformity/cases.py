"""Cases of the checks, written from the catalogue's words: a base document, a change, what appears and disappears.

A change maps dotted paths to new values (list items by index), as the mutations of the reference cases do: without
prefix into the request; `@holder.`, `@requester.`, `@party.<id>.` into a party's record; `@convention.`; `@file.` into
the exchange file; `@register.<party>.` into a register record; and `@base`, `@today`, `@moment`, `@settings`,
`@activation`, `@active`, `@changed`, `@roles` for what surrounds them. `ABSENT` takes a key away.
"""

import copy
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from registry.conformity import (
    Finding,
    People,
    catalogue,
    check_change,
    check_convention,
    check_life,
    check_request,
    check_transition,
)
from schemas import vocabulary
from tests.world import reference

Change = dict[str, Any]
Row = tuple[Change, str]
Table = dict[str, list[Row]]

ABSENT = object()
CLEAN = "EX-2022-007"
REQUESTS = {case["request"]["reference"]: case["request"] for case in reference("requests")["requests"]}
PHASE = {check.id: check.phase for check in catalogue()}
MOMENTS = ("admission", "study", "opinion", "decision", "activation", "closing")
FAMILIES = tuple(vocabulary()["enumerations"]["family"])

DPO, CONTROLLER, CLERK = "dpd@caf.example", "directeur@caf.example", "guichet@oullins.example"
ROLES = {
    CONTROLLER: {"caf-rhone": {"controller"}},
    DPO: {"caf-rhone": {"dpo"}},
    "dpd@oullins.example": {"oullins": {"dpo"}},
    "maire@oullins.example": {"oullins": {"controller"}},
}
RECORD = {
    "controller": {"name": "Organisme", "contact_details": "1 place de la Mairie"},
    "joint_controllers": [],
    "data_protection_officer": {"name": "Délégué"},
    "purposes": ["Tarification"],
    "categories_of_data_subjects": ["Parents"],
    "categories_of_personal_data": [{"category": "identity"}],
    "categories_of_recipients": [{"label": "Guichet"}],
    "transfers": [],
    "time_limits_for_erasure": [],
    "security_measures": [],
}


def _part(author: str) -> dict[str, Any]:
    return {"author": author, "author_party": "caf-rhone", "concluded_on": "2022-09-15", "conclusion": "favourable"}


EXCHANGE = {
    "version": 1,
    "state": "active",
    "submitted_by": CLERK,
    "filed_on": "2022-09-05",
    "initiated_by": "oullins",
    "studying_party": "caf-rhone",
    "framework": None,
    "attachments": [{"kind": "article_14_notice"}],
    "study": {
        "opportunity": _part("conseiller@caf.example"),
        "feasibility": _part("dsi@caf.example"),
        "compliance": _part(DPO),
    },
    "opinion": {"value": "favourable", "author": DPO, "author_party": "caf-rhone", "signed_on": "2022-09-20"},
    "recommendations": [],
    "decision": {"value": "approved", "decided_by": CONTROLLER, "decided_on": "2022-09-30", "reasons": None},
    "register_confirmations": [
        {"party": "oullins", "version": 1, "confirmed_on": "2022-10-01"},
        {"party": "caf-rhone", "version": 1, "confirmed_on": "2022-10-02"},
    ],
    "activated_on": "2022-10-03",
    "last_changed_on": "2022-10-01",
    "next_review_on": "2024-10-03",
    "closure_certificate": {"signed_on": "2024-06-01", "signed_by_party": "oullins"},
}
"""An exchange on which every check of a transition or of its life is silent on TODAY."""
TODAY = date(2023, 6, 1)


@dataclass
class Situation:
    """All that a check may read."""

    file: dict[str, Any]
    convention: dict[str, Any] = field(default_factory=lambda: reference("convention"))
    today: date = TODAY
    activation: bool = False
    moment: str = ""
    active: int = 0
    changed: list[str] = field(default_factory=list)
    roles: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(ROLES))
    registers: dict[str, Any] = field(
        default_factory=lambda: {"oullins": copy.deepcopy(RECORD), "caf-rhone": copy.deepcopy(RECORD)}
    )

    @property
    def request(self) -> dict[str, Any]:
        found: dict[str, Any] = self.file["request"]
        return found

    def at_request(self) -> list[Finding]:
        return check_request(self.file, self.convention, self.today, activation=self.activation)

    def at_transition(self) -> list[Finding]:
        people = People({u: {p: frozenset(held) for p, held in by.items()} for u, by in self.roles.items()})
        return check_transition(
            self.moment, self.file, self.convention, self.today, people=people, registers=self.registers
        )

    def in_life(self) -> list[Finding]:
        found = check_life(self.file, self.convention, self.today)
        found += check_convention(self.active, self.convention, self.today)
        return found + check_change(self.file, self.changed, ["Rubrique"], self.convention)

    def read(self, check: str) -> list[Finding]:
        """The findings of the phase of a check."""
        by_phase: dict[str, Callable[[], list[Finding]]] = {
            "request": self.at_request, "transition": self.at_transition, "life": self.in_life,
        }  # fmt: skip
        return by_phase[PHASE[check]]()


def situation(check: str, change: Change) -> Situation:
    """What the change makes of the base that suits the check's phase."""
    request = copy.deepcopy(REQUESTS[change.get("@base", CLEAN)])
    around = {} if PHASE[check] == "request" else copy.deepcopy(EXCHANGE)
    here = Situation({**around, "request": request})
    sides = {side: request[side] for side in ("requester", "holder")}
    for path, value in change.items():
        _apply(here, sides, path, copy.deepcopy(value) if value is not ABSENT else ABSENT)
    return here


def _apply(here: Situation, sides: dict[str, str], path: str, value: Any) -> None:
    root, _, rest = path.partition(".")
    if root in sides_of(sides):
        put(party(here.convention, sides[root[1:]]), rest, value)
    elif root == "@party":
        name, _, rest = rest.partition(".")
        put(party(here.convention, name), rest, value)
    elif root == "@register":
        put(here.registers, rest, value)
    elif root == "@file":
        put(here.file, rest, value)
    elif root == "@convention":
        put(here.convention, rest, value)
    elif root == "@settings":
        here.convention["checks"] = {"settings": value}
    elif root == "@today":
        here.today = date.fromisoformat(value)
    elif root.startswith("@"):
        if root != "@base":
            setattr(here, root[1:], value)
    else:
        put(here.request, path, value)


def sides_of(sides: dict[str, str]) -> set[str]:
    return {f"@{side}" for side in sides}


def party(convention: dict[str, Any], name: str) -> dict[str, Any]:
    return next(p for p in convention["parties"] if p["id"] == name)


def put(here: Any, path: str, value: Any) -> None:
    """Set (or take away) the value at a dotted path; objects on the way are made when missing."""
    *steps, last = path.split(".")
    for step in steps:
        if isinstance(here, list):
            here = here[int(step)]
        else:
            if here.get(step) is None:
                here[step] = {}
            here = here[step]
    if value is ABSENT:
        here.pop(last, None)
    else:
        here[int(last) if isinstance(here, list) else last] = value


def named(findings: list[Finding]) -> set[str]:
    """Ids of the findings, with their subject where one check gives several."""
    return {f"{f.id}:{f.subject}" if f.subject else f.id for f in findings}


def moves(check: str, change: Change) -> str:
    """What the change makes appear (+) and disappear (-), compared with its base, in order of ids."""
    neutral = {k: v for k, v in change.items() if k in {"@base", "@moment"}}
    before, after = named(situation(check, neutral).read(check)), named(situation(check, change).read(check))
    return " ".join([f"+{one}" for one in sorted(after - before)] + [f"-{one}" for one in sorted(before - after)])


def fires(check: str, change: Change) -> bool:
    return any(found.id == check for found in situation(check, change).read(check))


def expected_to_fire(check: str, row: Row) -> bool:
    """Whether the row says that its check fires, by what it makes appear or by what its base has."""
    change, expected = row
    names = [move.partition(":")[0] for move in expected.split()]
    base = change.get("@base", CLEAN)
    has = {one["id"] for case in reference("requests")["requests"] if case["request"]["reference"] == base
           for one in case["expected_findings"]}  # fmt: skip
    return f"+{check}" in names or (PHASE[check] == "request" and check in has and f"-{check}" not in names)


def table_test(table: Table) -> Callable[..., None]:
    """The test of a family's table: each change moves exactly the findings that its row says."""
    rows = [(check, *row) for check, its_rows in table.items() for row in its_rows]
    names = [f"{check}-{_short(change)}" for check, change, _ in rows]

    @pytest.mark.parametrize(("check", "change", "expected"), rows, ids=names)
    def test(check: str, change: Change, expected: str) -> None:
        moved, said = set(moves(check, change).split()), set(expected.split())
        assert moved == said, f"{check} {change}: {moved} instead of {said}"

    return test


def _short(change: Change) -> str:
    return " ".join(f"{k}={v if v is not ABSENT else 'absent'}" for k, v in change.items())[:90].replace("/", "∕")


def tables() -> Table:
    """The tables of every family."""
    found: Table = {}
    for family in FAMILIES:
        found |= importlib.import_module(f"tests.registry.conformity.test_{family}").TABLE
    return found


def item(label: str = "Commune de résidence", **keys: Any) -> dict[str, Any]:
    """A data item on which no check says anything."""
    blank = {"precision": None, "free_text": False, "social_difficulties": False, "nir": False, "article_9": None}
    more = {"article_9_2_exception": None, "article_9_2_text": None, "article_10": False}
    return {"label": label, "cnil_category": "personal_life", "necessity": "Barème", **blank, **more, **keys}


def each(path: str, values: dict[Any, str], **more: Any) -> list[Row]:
    """One row per value of one path: value -> what moves."""
    return [({**more, path: value}, expected) for value, expected in values.items()]


def of(enumeration: str) -> list[str]:
    return list(vocabulary()["enumerations"][enumeration])


def every(path: str, enumeration: str, marked: dict[str, str], default: str = "", **more: Any) -> list[Row]:
    """One row per value of an enumeration: those of `marked` move what they say, the others move `default`."""
    return each(path, {value: marked.get(value, default) for value in of(enumeration)}, **more)


def labels(expected: str, *texts: str, **keys: Any) -> list[Row]:
    """One row per label of a data item added to the others."""
    return [({"data_items.0": item(text, **keys)}, expected) for text in texts]
