"""The Article 30 records of an exchange: REG-01 to REG-03."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.conformity.findings import Hit
from registry.conformity.reading import Reading, lines
from registry.conformity.registered import Answer, check
from registry.conformity.terms import as_date, is_blank

_DUE = (
    "controller.name", "controller.contact_details", "data_protection_officer", "purposes",
    "categories_of_data_subjects", "categories_of_personal_data", "categories_of_recipients",
)  # fmt: skip


def missing_keys(record: Mapping[str, Any], *, joint: bool, transfers: bool) -> list[str]:
    """The keys of a record that are due and blank (trigger of REG-01)."""
    due = [*_DUE, *(["joint_controllers"] if joint else []), *(["transfers"] if transfers else [])]
    return [key for key in due if _is_missing(_at(record, key))]


def _is_missing(value: Any) -> bool:
    return is_blank(value) or (isinstance(value, Mapping) and all(is_blank(item) for item in value.values()))


def _at(record: Mapping[str, Any], key: str) -> Any:
    """The value under a dotted key; contact details are anything that a contact holds beside its name."""
    here: Any = record
    for step in key.split("."):
        if step == "contact_details" and isinstance(here, Mapping):
            return {name: value for name, value in here.items() if name != "name"}
        here = here.get(step) if isinstance(here, Mapping) else None
    return here


@check("REG-01", "activation")
def _incomplete(r: Reading) -> Answer:
    joint, transfers = r.request.get("controllership") == "joint", bool(r.transfers)
    records = [r.registers.get(party) or {} for party in r.controllers()]
    missing = dict.fromkeys(key for record in records for key in missing_keys(record, joint=joint, transfers=transfers))
    return Hit(items=tuple(missing)) if missing else False


@check("REG-02")
def _unconfirmed_change(r: Reading) -> Sequence[Hit]:
    changed = as_date(r.file.get("last_changed_on"))
    if r.file.get("state") != "active":
        return []
    latest = {
        party: max(
            (
                day
                for c in lines(r.file, "register_confirmations")
                if c.get("party") == party and (day := as_date(c.get("confirmed_on"))) is not None
            ),
            default=None,
        )
        for party in r.controllers()
    }
    return [
        Hit(subject=party) for party, day in latest.items() if day is None or (changed is not None and day < changed)
    ]


@check("REG-03", "activation")
def _processors_own_register(r: Reading) -> Answer:
    return bool(r.processors)
