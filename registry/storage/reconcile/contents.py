"""Along one object: its history, what is sealed of it, and the projections that its history gives."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from registry.convention import Convention
from registry.ledger.commitments import commit_opening
from registry.storage.engines import Transaction
from registry.storage.events import SALT_BYTES, Stored, commit_of, restore
from registry.storage.reconcile.devices import device_fault
from registry.storage.reconcile.findings import Report
from registry.storage.reconcile.projections import Projections
from registry.storage.reconcile.spill import Confirmations
from registry.storage.vault import Unreadable, Vault, unseal

QUERY = """SELECT e.object, e.revision, e.seq, e.type, e.at, e.actor, e.log, e.leaf_index, e.facts, e.record,
o.sealed, k.wrapped
FROM event e LEFT JOIN opening o ON o.object = e.object AND o.revision = e.revision
LEFT JOIN object_key k ON k.object = e.object
WHERE (e.object, e.revision) > (?, ?) ORDER BY e.object, e.revision LIMIT ?"""
_KEYED = frozenset({"exchange", "register", "convention"})
"""Objects that get a key when they are made."""


@dataclass(frozen=True)
class Act:
    """A row of QUERY, its facts read."""

    revision: int
    seq: int
    type: str
    at: str
    actor: str
    log: str
    leaf_index: int | None
    facts: bytes
    record: bytes
    sealed: bytes | None
    told: Mapping[str, Any]


@dataclass
class Erased:
    """What the object's `erasure` records say is gone."""

    revisions: frozenset[int] = frozenset()
    attachments: frozenset[str] = frozenset()
    key: bool = False

    @classmethod
    def of(cls, acts: Sequence[Act]) -> "Erased":
        """As the records of a history say."""
        told = [act.told["derived"] for act in acts if act.type == "erasure" and "revisions" in act.told["derived"]]
        return cls(
            frozenset(revision for one in told for revision in one["revisions"]),
            frozenset(digest for one in told for digest in one["attachments"]),
            any(one["key_destroyed"] for one in told),
        )


class Contents:
    """The pass along objects. `actors`: (log, account) -> pseudonym; `gone`: erased accounts; `own`: the logs' ids, the
    objects of their own records, whose first one is written last; `unopened`: those that do not have it yet."""

    def __init__(
        self, tx: Transaction, vault: Vault, report: Report, confirmations: Confirmations,
        conventions: Mapping[str, Convention], actors: Mapping[tuple[str, str], str], gone: frozenset[str],
        own: frozenset[str], unopened: frozenset[str],
    ) -> None:  # fmt: skip
        self._tx = tx
        self._vault = vault
        self._report = report
        self._projections = Projections(tx, report, confirmations, conventions)
        self._actors = actors
        self._gone = gone
        self._own = own
        self._unopened = unopened

    async def check(self, object_id: str, rows: Sequence[Any]) -> None:
        """One object, from the rows of QUERY."""
        self._report.objects += 1
        acts = [act for row in rows if (act := self._act(object_id, row)) is not None]
        self._order(object_id, acts)
        if len(acts) < len(rows):
            return
        try:
            erased = Erased.of(acts)
        except (KeyError, TypeError):
            self._report.add("unreadable", "event", object_id)
            return
        key = self._key(object_id, acts[0].type, rows[0][-1], erased)
        openings = {act.revision: self._opening(object_id, act, key, erased) for act in acts}
        await self._attachments(object_id, acts, key, erased)
        await self._devices(object_id, acts)
        try:
            history = [_stored(act, openings[act.revision]) for act in acts]
        except Exception:  # noqa: BLE001 - altered facts may break anything, and were found above
            self._report.add("unreadable", "event", object_id)
            return
        await self._projections.check(acts[0].type, object_id, history)

    async def _devices(self, object_id: str, acts: Sequence[Act]) -> None:
        for act in acts:
            wrong = await device_fault(self._tx, object_id, act.told, act.at) if b'"device":' in act.facts else None
            if wrong is not None:
                self._report.add(wrong, "event", f"seq {act.seq}, objet {object_id}, révision {act.revision}")

    def _act(self, object_id: str, row: Any) -> Act | None:
        _, revision, seq, kind, at, actor, log, leaf_index, facts, record, sealed, _ = row
        told = _told(bytes(facts))
        if told is None:
            self._report.add("unreadable", "event", object_id)
            return None
        if self._actors.get((log, told["by"])) != actor and not (
            told["by"] in self._gone and (log, told["by"]) not in self._actors
        ):
            self._report.add("actor", "event", f"seq {seq}, objet {object_id}, révision {revision}")
        return Act(
            revision, seq, kind, at, actor, log, leaf_index, bytes(facts), bytes(record),
            bytes(sealed) if sealed is not None else None, told,
        )  # fmt: skip

    def _order(self, object_id: str, acts: Sequence[Act]) -> None:
        """Revisions follow each other, and so do the insertions and, in each log, the leaves."""
        expected = 1 if object_id not in self._unopened or not acts else acts[0].revision
        before: Act | None = None
        for act in acts:
            row = f"seq {act.seq}, objet {object_id}, révision {act.revision}"
            if act.revision != expected:
                self._report.add("revision", "event", row, expected=expected)
            if before is not None and object_id not in self._own and not _follows(before, act):
                self._report.add("order", "event", row)
            expected, before = act.revision + 1, act

    def _key(self, object_id: str, kind: str, wrapped: bytes | None, erased: Erased) -> bytes | None:
        if wrapped is None:
            if kind in _KEYED and not erased.key:
                self._report.add("key-lost", "object_key", object_id)
            return None
        if erased.key or kind not in _KEYED:
            self._report.add("key-back" if erased.key else "unexplained", "object_key", object_id)
        try:
            return self._vault.unwrap(object_id, bytes(wrapped))
        except Unreadable:
            self._report.add("key-altered", "object_key", object_id)
            return None

    def _opening(self, object_id: str, act: Act, key: bytes | None, erased: Erased) -> bytes | None:
        row, committed = (object_id, act.revision), act.told["opening_commit"]
        if committed is None:
            if act.sealed is not None:
                self._report.add("unexplained", "opening", row)
            return None
        gone = act.revision in erased.revisions
        if act.sealed is None:
            self._report.erased += gone
            if not gone:
                self._report.add("opening-lost", "opening", row)
            return None
        if gone:
            self._report.add("opening-back", "opening", row)
            return None
        opening = _unsealed(key, act.sealed, f"{object_id}/{act.revision}")
        if key is not None and (opening is None or not _commits(opening, committed)):
            self._report.add("opening-altered", "opening", row)
            return None
        return opening

    async def _attachments(self, object_id: str, acts: Sequence[Act], key: bytes | None, erased: Erased) -> None:
        named = {act.told["derived"].get("sha256") for act in acts if act.told["act"] == "attachments"}
        rows = await self._tx.rows("SELECT sha256 FROM attachment WHERE object = ? ORDER BY sha256", object_id)
        present = {row[0] for row in rows}
        for digest in sorted(present):
            if digest not in named or digest in erased.attachments:
                kind = "attachment-back" if digest in erased.attachments else "unexplained"
                self._report.add(kind, "attachment", (object_id, digest))
            sql = "SELECT sealed FROM attachment WHERE object = ? AND sha256 = ?"
            content = _unsealed(key, bytes(await self._tx.value(sql, object_id, digest)), f"{object_id}/{digest}")
            if key is not None and (content is None or hashlib.sha256(content).hexdigest() != digest):
                self._report.add("attachment-altered", "attachment", (object_id, digest))
        for digest in sorted(map(str, named - present - erased.attachments)):
            self._report.add("attachment-lost", "attachment", (object_id, digest))


def _told(facts: bytes) -> Mapping[str, Any] | None:
    """The facts of an event, when they have the parts that this pass reads."""
    try:
        told = msgspec.json.decode(facts)
    except msgspec.DecodeError:
        return None
    if not isinstance(told, dict) or not {"act", "by", "derived", "opening_commit"} <= told.keys():
        return None
    typed = isinstance(told["act"], str) and isinstance(told["by"], str) and isinstance(told["derived"], dict)
    return told if typed else None


def _follows(before: Act, act: Act) -> bool:
    if before.log != act.log or before.leaf_index is None or act.leaf_index is None:
        return before.seq < act.seq
    return before.seq < act.seq and before.leaf_index < act.leaf_index


def _unsealed(key: bytes | None, sealed: bytes, place: str) -> bytes | None:
    if key is None:
        return None
    try:
        return unseal(key, sealed, place)
    except Unreadable:
        return None


def _commits(opening: bytes, committed: str) -> bool:
    try:
        return commit_opening(opening[:SALT_BYTES], opening[SALT_BYTES:]) == committed
    except ValueError:
        return False


def _stored(act: Act, opening: bytes | None) -> Stored:
    erased = opening is None and act.told["opening_commit"] is not None
    event = restore(act.facts, commit_of(act.record), opening)
    return Stored(act.seq, act.revision, act.at, event, erased, act.leaf_index, act.record, act.log)
