"""Importing a file into a party's registers: what it would do, then all of it or nothing, in one transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from registry.gate.gate import Answer
from registry.gate.registers import create_imported, require_manager, revise
from registry.gate.session import Session
from registry.imports import Item, Problem, Reading
from registry.processing.differences import differences
from registry.processing.normal import normal
from registry.refusals import Detail, Invalid
from registry.storage.register import StoredEntry, find_reference

Document = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What an item would do: to which entry (None for a new one), the whole record, and the differences in words."""

    item: Item
    stored: StoredEntry | None
    record: Document
    changes: list[str]


@dataclass
class Plan:
    """What a file would do to the registers; `refused` forbids it."""

    form: str
    created: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: list[Change] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    ignored: list[Problem] = field(default_factory=list)

    def document(self, *, done: bool) -> Document:
        """The plan for people and machines; `done` once it is carried out."""
        return {
            "form": self.form,
            "done": done,
            "created": [_shown(change) for change in self.created],
            "changed": [_shown(change) for change in self.changed],
            "unchanged": len(self.unchanged),
            "refused": [asdict(problem) for problem in self.refused],
            "ignored": [asdict(problem) for problem in self.ignored],
        }


def _shown(change: Change) -> Document:
    return {
        "place": change.item.place,
        "kind": change.item.kind,
        "reference": change.stored.entry.reference if change.stored else change.record.get("record_reference"),
        "title": change.record.get("title"),
        "changes": change.changes,
    }


async def plan_import(session: Session, reading: Reading, scope: Sequence[str], *, for_update: bool) -> Plan:
    """Compare a reading with the registers of `scope`: an item changes the entry of its reference, or is new."""
    plan = Plan(reading.form, refused=list(reading.refused), ignored=list(reading.ignored))
    for item in reading.items:
        reference = _reference(item)
        stored = None
        if reference:
            stored = await find_reference(session.tx, reference, scope, for_update=for_update)
        if stored is not None and stored.kind != item.kind:
            message = f"La référence « {reference} » est celle d'une fiche de l'autre registre."
            plan.refused.append(Problem(item.place_of("/record_reference"), message))
            continue
        change = _change(item, stored)
        if stored is None:
            plan.created.append(change)
        elif change.changes:
            plan.changed.append(change)
        else:
            plan.unchanged.append(change)
    return plan


def _reference(item: Item) -> str:
    return str(item.record.get("record_reference") or "").strip()


def _change(item: Item, stored: StoredEntry | None) -> Change:
    if stored is None:
        return Change(item, None, item.record, [])
    before = dict(stored.entry.record)
    kept = {key: before[key] for key in item.silent if key in before}
    record = {**item.record, **kept, "record_reference": stored.entry.reference}
    changes = differences(before, record, item.kind) if normal(before) != normal(record) else []
    return Change(item, stored, record, changes)


async def preview_import(session: Session, party: str, reading: Reading, scope: Sequence[str]) -> Plan:
    """What the import would do, for those who may do it."""
    require_manager(session, party)
    return await plan_import(session, reading, scope, for_update=False)


async def import_file(session: Session, party: str, reading: Reading, scope: Sequence[str]) -> Answer[Plan]:
    """Carry out the import whole. Raises Invalid with every place that is refused; nothing is then changed."""
    require_manager(session, party)
    plan = await plan_import(session, reading, scope, for_update=True)
    if plan.refused:
        raise Invalid(
            "Le fichier n'est pas importé : rien n'a été changé.",
            [Detail(pointer=problem.place, message=problem.message) for problem in plan.refused],
        )
    for change in sorted(plan.created, key=lambda change: not _reference(change.item)):  # new numbers come last
        await create_imported(session, party, change.item.kind, change.record)
    for change in plan.changed:
        if change.stored is not None:
            await revise(session, change.stored, change.record)
    return Answer(plan, 200, None)
