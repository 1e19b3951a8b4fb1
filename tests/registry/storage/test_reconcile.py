"""Whatever is changed in the database behind the program's back is found, and named; an untouched one is fine."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]
import pytest

from registry.exchange.events import Event
from registry.ledger.checkpoints import Checkpoint, sign_checkpoint
from registry.ledger.cosignatures import Cosigner
from registry.ledger.keys import Signer
from registry.publishing.announcing import record_key
from registry.publishing.recovery import Outside, reopen
from registry.publishing.serving import shown_head
from registry.storage.events import SYSTEM, Place, append
from registry.storage.heads import Line, keep_line
from registry.storage.logs import Names, every_log, lock_log, pseudonym
from registry.storage.reconcile import Report, reconcile
from server.home import load_log_signer
from tests.server.test_erasure import ALL, WHY, history
from tests.tampering import KEYS, Intruder, Row, altered
from tests.world import CAF, SGL, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HELD = {"seq"}
"""Columns whose value nothing else holds: the order of insertion (never shown, never signed)."""


async def verified(world: World, later: timedelta = timedelta(minutes=10)) -> Report:
    gate = world.gate
    heads = world.app.state.operator.publisher._guard.heads()
    return await reconcile(gate.engine, gate.vault, gate.now() + later, heads, lambda _done, _total: None)


async def fine(world: World) -> Report:
    report = await verified(world)
    assert report.kept == []
    assert report.fine
    return report


async def cosigned(world: World) -> None:
    """A policy with a witness, recorded in the first log, and its line over the newest head."""
    gate, witness = world.gate, Cosigner(Signer.generate("temoin.example"))

    async def policy(tx: Any) -> None:
        log = (await every_log(tx))[0]
        await lock_log(tx, log)
        text = f"witness temoin {witness.verifier.vkey}\nquorum temoin\n"
        signer = gate.recorder.signer(log.origin)
        await record_key(tx, log, signer, "policy.set", {"policy": text}, gate.now(), world.calendar.day)

    async def line(tx: Any) -> None:
        log = (await every_log(tx))[0]
        head = await shown_head(tx, log)
        assert head is not None
        made = witness.cosign(Checkpoint(log.origin, head.size, head.root), 1_700_000_000)
        await keep_line(tx, log, head.size, Line(made.name, 1_700_000_000, made.text.encode()))

    await gate.engine.transact(policy)
    await world.published()
    await gate.engine.transact(line)


async def inhabited(world: World) -> None:
    """An exchange in use with pieces, one erased in part, one erased, an entry made by hand, a cosigned head."""
    request_id = await world.active()
    await world.attach(request_id, "other")
    advised = await world.under_study()
    advice = {"number": 1, "text": "Relire les droits d'accès.", "prior": False, "owner": SGL, "due_on": "2023-06-01"}
    opinion = {"value": "favourable_with_recommendations", "text": "Favorable.", "recommendations": [advice]}
    await world.opinion(advised, opinion)
    partly = await world.filed()
    await world.attach(partly, "other")
    digest = (await world.read(partly))["attachments"][0]["sha256"]
    whole = await world.filed()
    controller = (CAF, "controller")
    await world.ok(controller, "POST", f"/requests/{partly}/erasure", {"scope": "attachment", "sha256": digest, **WHY})
    await world.ok(controller, "POST", f"/requests/{partly}/erasure", {"scope": "revision", "revision": 1, **WHY})
    await world.ok(controller, "POST", f"/requests/{whole}/erasure", ALL)
    body = {"record": {"purposes": ["Tenue du fichier"]}}
    await world.ok((SGL, "records_manager"), "POST", f"/parties/{SGL}/register/entries", body)
    await world.published()
    await cosigned(world)


@asynccontextmanager
async def intruder(world: World) -> AsyncIterator[Intruder]:
    """Somebody in the database while nothing is numbered nor signed: a publisher that meets damage stops its server."""
    await world.stop_publishing()
    async with Intruder(world.settings.database_url) as found:
        yield found


async def test_an_untouched_database_is_fine(world: World) -> None:
    await inhabited(world)
    report = await fine(world)
    assert report.events == (await world.rows("SELECT count(*) FROM event"))[0][0]
    assert report.erased == 3
    assert len(report.logs) == 2


_STEPS = {"event": 41, "checkpoint": 5, "cosignature": 5, "log_head": 7}
"""How many bytes apart the altered ones are; other tables are sampled more coarsely."""


@pytest.mark.parametrize("tables", [["event"], sorted(set(KEYS) - {"node", "event"})], ids=["event", "others"])
async def test_one_changed_byte_of_any_column_is_found(world: World, tables: list[str]) -> None:
    await inhabited(world)
    missed = []
    async with intruder(world) as other:
        for table in tables:
            tried = 0
            for row in _sample(table, await other.rows(table)):
                for column, value in row.items():
                    if column in HELD or (table, column) == ("checkpoint", "signed_at"):
                        continue
                    for changed in altered(value, _STEPS.get(table, 211)):
                        if await _applied(other, table, row, {column: changed}):
                            tried += 1
                            if (await verified(world)).fine:
                                missed.append((table, column, value, changed))
                            assert await other.change(table, {**row, column: changed}, {column: value})
            assert tried > len(row), table
    assert missed == []
    await fine(world)


def _sample(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row of each class: the first of each type of event, one with each null column, the last."""
    if table != "event":
        return [rows[0], rows[-1]] if len(rows) > 1 else rows
    first = {row["type"]: row for row in reversed(rows)}
    return list(first.values())


async def _applied(other: Intruder, table: str, row: dict[str, Any], changes: dict[str, Any]) -> bool:
    """Whether the column could take the value: its type and its indexes may refuse."""
    try:
        return await other.change(table, row, changes)
    except (asyncpg.DataError, asyncpg.NotNullViolationError):
        return False


async def test_a_deleted_row_is_found(world: World) -> None:
    await inhabited(world)
    async with intruder(world) as other:
        for table in sorted(set(KEYS) - {"node", "cosignature"}):
            rows = await other.rows(table)
            # Nothing says how often a log was signed on its way to the head that is shown.
            newest = {row["log"]: row for row in rows} if table == "checkpoint" else {}
            for row in list(newest.values()) or (rows[::3] if table == "event" else rows):
                await other.delete(table, row)
                report = await verified(world)
                assert not report.fine, (table, row)
                await other.insert(table, row)
    await fine(world)


_SWAPPED = (
    ("event", ("leaf_index",)), ("event", ("facts", "salt")), ("event", ("record", "leaf_hash")),
    ("event", ("facts", "salt", "record", "leaf_hash")), ("opening", ("sealed",)), ("object_key", ("wrapped",)),
    ("attachment", ("sealed",)), ("checkpoint", ("note",)), ("checkpoint", ("root", "frontier", "note")),
    ("exchange", ("file",)), ("exchange", ("summary",)), ("register_version", ("record",)),
    ("exchange_listing", ("state",)), ("actor", ("pseudonym",)), ("log_head", ("size", "frontier", "published")),
)  # fmt: skip


async def test_a_swapped_pair_is_found(world: World) -> None:
    await inhabited(world)
    async with intruder(world) as other:
        for table, columns in _SWAPPED:
            rows = await other.rows(table)
            one = rows[-1]
            two = next(row for row in rows if all(row[name] != one[name] for name in columns))
            await _give(other, table, columns, (one, two), (two, one))
            report = await verified(world)
            named = {"leaf_index": "checkpoint", "pseudonym": "event"}.get(columns[0], table)  # where the damage shows
            assert named in {finding.table for finding in report.kept}, (table, columns)
            await _give(other, table, columns, (one, two), (one, two))
    await fine(world)


async def _give(
    other: Intruder, table: str, columns: tuple[str, ...], rows: tuple[Row, Row], values: tuple[Row, Row]
) -> None:
    """Give two rows these values of some columns; indexes may allow no two alike, even for a moment."""
    if columns[0] in {"leaf_index", "pseudonym"}:
        assert await other.change(table, rows[0], {columns[0]: -7 if table == "event" else "aside"})
    for row, value in ((rows[1], values[1]), (rows[0], values[0])):
        assert await other.change(table, row, {name: value[name] for name in columns})


async def test_findings_name_the_table_the_row_and_the_column_but_no_text(world: World) -> None:
    request_id = await world.filed()
    await world.published()
    async with intruder(world) as other:
        row = next(row for row in await other.rows("exchange"))
        await other.change("exchange", row, {"file": bytes(row["file"]).replace(b"Tarif", b"Taxif"), "reference": "X"})
    report = await verified(world)
    assert {(one.kind, one.table, one.row) for one in report.kept} == {("projection", "exchange", request_id)}
    assert [one.message for one in report.kept] == [
        "La colonne « reference » n'est pas celle que donnent les événements.",
        "La colonne « file » n'est pas celle que donnent les événements.",
    ]


async def test_an_erased_opening_that_comes_back_is_found(world: World) -> None:
    request_id = await world.filed()
    async with Intruder(world.settings.database_url) as other:
        kept = {table: await other.rows(table) for table in ("opening", "object_key")}
    await world.ok((CAF, "controller"), "POST", f"/requests/{request_id}/erasure", ALL)
    await world.published()
    await fine(world)
    async with intruder(world) as other:
        for table, rows in kept.items():
            for row in rows:
                if row["object"] == request_id:
                    await other.insert(table, row)
    kinds = {one.kind for one in (await verified(world)).kept}
    assert kinds == {"opening-back", "key-back"}


async def test_erased_and_lost_texts_are_told_apart(world: World) -> None:
    request_id = await world.active()
    opinion = next(act for act in await history(world, request_id) if act["act"] == "opinion")
    body = {"scope": "revision", "revision": opinion["revision"], **WHY}
    await world.ok((CAF, "controller"), "POST", f"/requests/{request_id}/erasure", body)
    await world.published()
    assert (await fine(world)).erased == 1
    async with intruder(world) as other:
        lost = next(row for row in await other.rows("opening") if row["object"] == request_id)
        await other.delete("opening", lost)
    report = await verified(world)
    assert ("opening-lost", "opening", f"{request_id}/{lost['revision']}") in {
        (one.kind, one.table, one.row) for one in report.kept
    }


async def test_a_record_that_waits_too_long_is_reported(world: World) -> None:
    await world.published()
    await world.stop_publishing()
    await world.create()
    assert (await verified(world, timedelta(minutes=1))).fine
    assert {one.kind for one in (await verified(world)).kept} == {"waiting"}


async def test_records_of_a_log_left_behind_are_bound_by_the_next_one(world: World) -> None:
    await world.filed()
    await world.published()
    await world.stop_publishing()
    await world.create()
    gate, signer = world.gate, load_log_signer(world.settings)
    log = (await gate.engine.read(every_log))[0]
    lost = sign_checkpoint(Checkpoint(log.origin, 99, bytes(32)), signer.signers(log.origin))
    keys = (signer, gate.recorder)
    await gate.engine.transact(lambda tx: reopen(tx, log.owner, Outside("témoin", lost), (), keys, gate.now()))
    gate.names = Names()  # as after the restart that recovering asks for
    await gate.engine.transact(lambda tx: tx.execute("DELETE FROM lease WHERE name = 'operator'"))
    await world.create()
    for _ in range(200):
        (size,) = (
            await world.rows(
                "SELECT coalesce(max(published), 0) FROM log_head h JOIN log ON log.id = h.log WHERE generation = 2"
            )
        )[0]
        if size:
            break
        await asyncio.sleep(0.05)
    report = await fine(world)
    assert [note.endswith("1 enregistrements hors de toute tête.") for note in report.notes] == [True]

    async def late(tx: Any) -> None:
        signers = [gate.recorder.signer(log.origin)]
        event = Event(act="policy.set", by=SYSTEM, party="", on=world.calendar.day, derived={})
        place, name = Place(log, log.id, 9, "key", ""), await pseudonym(tx, log, SYSTEM)
        await append(tx, place, event, gate.now(), actor=name, key=b"", signers=signers)

    await gate.engine.transact(late)
    assert "orphan" in {finding.kind for finding in (await verified(world)).kept}


async def test_a_database_behind_its_guard_is_found(world: World) -> None:
    await world.filed()
    await world.published()
    gate = world.gate
    heads = world.app.state.operator.publisher._guard.heads()
    ((origin, head),) = heads.items()
    for wrong in (Checkpoint(origin, head.size + 1, head.root), Checkpoint(origin, head.size, bytes(32))):
        report = await reconcile(gate.engine, gate.vault, gate.now(), {origin: wrong}, lambda *_: None)
        assert [one.kind for one in report.kept] == ["guard"]
    report = await reconcile(gate.engine, gate.vault, gate.now(), {}, lambda *_: None)
    assert [one.kind for one in report.kept] == ["guard-missing"]


async def test_the_date_of_a_head_is_held_between_its_records_and_now(world: World) -> None:
    await world.filed()
    await world.published()
    async with intruder(world) as other:
        (*_, row) = await other.rows("checkpoint")
        for wrong in ("2022-03-01T09:00:00.000Z", "2024-03-01T09:00:00.000Z", "2023-03-01T09:00:00.000", "hier"):
            await other.change("checkpoint", row, {"signed_at": wrong})
            assert {one.kind for one in (await verified(world)).kept} == {"checkpoint-date"}


async def test_every_node_of_a_large_log_is_held(world: World) -> None:
    body = {"record": {"purposes": ["Tenue du fichier"]}}
    for _ in range(53):
        made = (world.ok((SGL, "records_manager"), "POST", f"/parties/{SGL}/register/entries", body) for _ in range(10))
        await asyncio.gather(*made)
    await world.published()
    await fine(world)
    async with intruder(world) as other:
        one, two = await other.rows("node")
        for change in ({"hash": two["hash"]}, {"hash": bytes(32)}, {"idx": 9}, {"level": 2}, {"idx": -1}):
            assert await other.change("node", one, change)
            assert "node" in {finding.table for finding in (await verified(world)).kept}, change
            assert await other.change("node", {**one, **change}, {name: one[name] for name in change})
        await other.delete("node", two)
        assert [finding.kind for finding in (await verified(world)).kept] == ["node-missing"]
        await other.insert("node", two)
        await other.insert("node", {**two, "idx": 2})
        assert [finding.kind for finding in (await verified(world)).kept] == ["unexplained"]
