"""The whole reconciliation, in one snapshot."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from registry.convention import Convention
from registry.ledger.checkpoints import Checkpoint
from registry.ledger.encoding import encode_base64
from registry.storage.engines import Engine, Transaction
from registry.storage.events import history
from registry.storage.logs import Log, every_log
from registry.storage.rebuild import objects
from registry.storage.reconcile.chain import Chain
from registry.storage.reconcile.contents import QUERY, Contents
from registry.storage.reconcile.findings import Report
from registry.storage.reconcile.orphans import check_orphans
from registry.storage.reconcile.paging import Told, paged
from registry.storage.reconcile.spill import Confirmations
from registry.storage.refold import convention_rows
from registry.storage.vault import Vault

Progress = Callable[[int, int], None]
"""Is told how much is done, of how much."""


async def reconcile(
    engine: Engine, vault: Vault, now: datetime, guarded: Mapping[str, Checkpoint] | None, progress: Progress
) -> Report:
    """Compare everything; `guarded`: the heads that the guard holds, read before the call, None without a guard.

    What the server is about to number, sign or show is left a few minutes.
    """

    async def work(tx: Transaction) -> Report:
        report = Report()
        with Confirmations() as confirmations:
            await _reconcile(tx, vault, now, guarded, progress, report, confirmations)
        return report

    return await engine.read(work)


async def _reconcile(
    tx: Transaction, vault: Vault, now: datetime, guarded: Mapping[str, Checkpoint] | None, progress: Progress,
    report: Report, confirmations: Confirmations,
) -> None:  # fmt: skip
    told = _counting(2 * int(await tx.value("SELECT count(*) FROM event")), progress)
    logs = await every_log(tx)
    chains = [Chain(tx, log, now, report, (guarded or {}).get(log.origin)) for log in logs]
    for chain in chains:
        await chain.check(confirmations, told)
    for log, chain in zip(logs, chains, strict=True):
        owned = [other.named for one, other in zip(logs, chains, strict=True) if one.owner == log.owner]
        await chain.heads.check_lines(key for named in owned for key in named.witnesses)
    _bound(logs, chains, report)
    if guarded is not None:
        await _guards(tx, logs, guarded, report)
    contents = await _contents(tx, vault, report, confirmations, chains)
    await _objects(tx, contents, told)
    await check_orphans(tx, report)


def _bound(logs: list[Log], chains: list[Chain], report: Report) -> None:
    """Records that a log left behind never placed under a head are bound by the opening of the owner's next log."""
    for number, (log, chain) in enumerate(zip(logs, chains, strict=True)):
        if chain.left is None:
            continue
        report.notes.append(
            f"{log.origin}, laissé derrière le {chain.left} : {len(chain.unbound)} enregistrements hors de toute tête."
        )
        following = chains[number + 1] if number + 1 < len(logs) and logs[number + 1].owner == log.owner else None
        if following is None or not following.frontier.size:
            continue  # the next log is opened by its first record
        for row, hashed in chain.unbound:
            if encode_base64(hashed) not in following.named.orphans:
                report.add("orphan", "event", row)


def _counting(total: int, progress: Progress) -> Told:
    done = 0

    def told(rows: int) -> None:
        nonlocal done
        done += rows
        progress(min(done, total), total)

    return told


async def _guards(tx: Transaction, logs: list[Log], guarded: Mapping[str, Checkpoint], report: Report) -> None:
    """Every log the guard knows is there, and every log that was shown is in the guard."""
    known = {log.origin: log for log in logs}
    for origin in sorted(guarded.keys() - known.keys()):
        report.add("guard-unknown", "log", origin)
    for origin in sorted(known.keys() - guarded.keys()):
        if await tx.value("SELECT published FROM log_head WHERE log = ?", known[origin].id):
            report.add("guard-missing", "log", origin)


async def _contents(
    tx: Transaction, vault: Vault, report: Report, confirmations: Confirmations, chains: list[Chain]
) -> Contents:
    conventions: dict[str, Convention] = {}
    for object_id in await objects(tx, "convention"):
        try:
            convention, _ = convention_rows(object_id, await history(tx, object_id, vault.unwrap))
            conventions[convention.id] = convention
        except Exception:  # noqa: BLE001, S112 - altered facts may break anything; said when the object is checked
            continue
    actors = {(row[0], row[1]): str(row[2]) for row in await tx.rows("SELECT log, account, pseudonym FROM actor")}
    accounts = {row[0] for row in await tx.rows("SELECT id FROM account")}
    gone = frozenset(await objects(tx, "erasure")) - accounts
    own = frozenset(chain.log_id for chain in chains)
    unopened = frozenset(chain.log_id for chain in chains if not chain.frontier.size)
    return Contents(tx, vault, report, confirmations, conventions, actors, gone, own, unopened)


async def _objects(tx: Transaction, contents: Contents, told: Told) -> None:
    """Group the rows of each object, which follow each other."""
    group: list[Any] = []
    async for row in paged(tx, QUERY, (), ("", 0), told):
        if group and group[0][0] != row[0]:
            await contents.check(group[0][0], group)
            group = []
        group.append(row)
    if group:
        await contents.check(group[0][0], group)
