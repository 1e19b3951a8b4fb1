"""The catalogue as data: identity, severity, texts and source of each check; a DPO can read and edit it."""

from functools import cache
from importlib import resources

import msgspec

from schemas import vocabulary

SEVERITIES = ("blocking", "warning", "information")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check. `stage` is the stage from which a request-phase check speaks, None in the other phases; `trigger`
    says in words when it fires; `message` holds {placeholders} of the vocabulary."""

    id: str
    family: str
    phase: str
    stage: str | None
    severity: str
    overridable: bool | None
    trigger: str
    message: str
    source: str
    confidence: str


@cache
def catalogue() -> tuple[Check, ...]:
    """Every check, in the catalogue's order."""
    text = resources.files("registry.conformity").joinpath("checks.json").read_bytes()
    return tuple(msgspec.json.decode(text, type=list[Check]))


@cache
def _by_id() -> dict[str, Check]:
    return {check.id: check for check in catalogue()}


def check_of(check_id: str) -> Check:
    """One check by its id. Raises KeyError on an unknown one."""
    return _by_id()[check_id]


def rules_version() -> str:
    """The version of the shared catalogue, before what a convention changes in it."""
    return str(vocabulary()["meta"]["version"])
