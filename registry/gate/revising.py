"""A new version of an entry by a person at a form, who may have begun from a version that is no longer the last."""

from dataclasses import dataclass
from typing import Any

from registry.gate.reading import entry_view
from registry.gate.registers import require_manager
from registry.gate.session import Session
from registry.processing.differences import differences
from registry.processing.rebase import rebase
from registry.storage.register import StoredEntry, versions


@dataclass(frozen=True)
class Meanwhile:
    """What somebody else changed meanwhile: the entry as it is now, what changed in words since the version that was
    read, and the answers with those changes wherever the person had changed nothing."""

    stored: StoredEntry
    changes: list[str]
    record: dict[str, Any]


async def entry_to_revise(session: Session, entry_id: str) -> StoredEntry:
    """An entry of the party's registers, for its records manager. Raises NotFound or Forbidden."""
    stored = await entry_view(session, session.actor.party, entry_id)
    require_manager(session, session.actor.party)
    return stored


async def version_read(session: Session, entry_id: str, version: int) -> tuple[StoredEntry, dict[str, Any]]:
    """An entry to revise, and its record in the version that was read; an unknown one is taken for the first."""
    stored = await entry_to_revise(session, entry_id)
    kept = {number: read for number, _, _, read in await versions(session.tx, entry_id)}
    return stored, kept.get(version, kept[min(kept)])


async def meanwhile(session: Session, entry_id: str, version: int, record: dict[str, Any]) -> Meanwhile:
    """What happened since `version`, from which `record` was typed."""
    stored, before = await version_read(session, entry_id, version)
    now = dict(stored.entry.record)
    return Meanwhile(stored, differences(before, now, stored.kind), {**record, **_rebased(record, before, now)})


def _rebased(record: dict[str, Any], before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """`rebase` over every key: what neither draft holds is the person's own."""
    keys = before.keys() | now.keys()
    blank = dict.fromkeys(keys)
    return rebase({**blank, **record}, {**blank, **before}, {**blank, **now})
