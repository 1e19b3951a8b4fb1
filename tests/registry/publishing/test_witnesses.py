"""New heads go to the witnesses of the policy; a witness that holds more than the database stops the signing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from registry.clock import timestamp
from registry.ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.notes import SignatureLine
from registry.ledger.proofs import consistency_proof, reader_of
from registry.ledger.signers import LogSigner
from registry.ledger.witness_protocol import encode_add_checkpoint
from registry.publishing import serving
from registry.publishing.announcing import record_key
from registry.publishing.guard import Guard, SigningRefused
from registry.publishing.policies import policy_of
from registry.publishing.standing import standing, unwitnessed_since
from registry.publishing.witnesses import REFRESH, Witnesses
from registry.storage.heads import Line, keep_line, lines_of
from registry.storage.logs import Log, abandon_log, find_log, lock_log
from registry.witness.answering import add_checkpoint, kept_head
from tests.registry.publishing.host import Host
from tests.registry.witness.hosts import witness_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from registry.witness.witness import Witness


@dataclass
class Town:
    """Witnesses at addresses, reached without a network; a test may make one silent, slow or lying."""

    host: Host
    folder: Path
    witnesses: dict[str, Witness] = field(default_factory=dict)
    answers: dict[str, Callable[[str], tuple[int, bytes]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    in_flight: dict[str, int] = field(default_factory=dict)
    most: int = 0
    pause: float = 0.0

    async def ask(self, url: str, body: bytes | None, content_type: str, seconds: float) -> tuple[int, bytes]:
        prefix, _, path = url.partition(".example/")
        self.asked.append(url)
        self.in_flight[prefix] = self.in_flight.get(prefix, 0) + 1
        self.most = max(self.most, self.in_flight[prefix])
        try:
            await asyncio.sleep(self.pause)
            if prefix in self.answers:
                return self.answers[prefix](path)
            now = int(self.host.now.timestamp())
            witness = self.witnesses[prefix]
            reply = add_checkpoint(witness, body, now) if body is not None else kept_head(witness, path.split("/")[0])
            return reply.status, reply.body
        finally:
            self.in_flight[prefix] -= 1

    def build(self, *names: str) -> str:
        """The policy of fresh witnesses, two of which are the quorum (all of them when there are fewer)."""
        lines = []
        for name in names:
            self.witnesses[f"https://{name}"] = witness = witness_in(self.folder / name)
            signer = witness._cosigner._key.named(f"{name}.example/temoin")
            witness._cosigner = type(witness._cosigner)(signer)
            lines.append(f"witness {name} {witness._cosigner.verifier.vkey} https://{name}.example\n")
        return "".join(lines) + f"group all {min(2, len(names))} {' '.join(names)}\nquorum all\n"


@pytest.fixture
async def host(engine, tmp_path: Path) -> Host:
    return Host(engine, Guard(tmp_path / "guard"))


@pytest.fixture
async def town(host: Host, tmp_path: Path) -> Town:
    return Town(host, tmp_path)


async def ready(host: Host, town: Town, *names: str) -> tuple[Log, Witnesses]:
    """A log with a policy of those witnesses, which follow it."""
    await host.record()
    policy = town.build(*names)
    log = await set_policy(host, policy)
    await host.publish()
    for witness in town.witnesses.values():
        witness.store.follow(host.key.named(log.origin).verifier)
    return log, witnesses_of(host, town)


def witnesses_of(host: Host, town: Town) -> Witnesses:
    witnesses = Witnesses(host.engine, LogSigner(host.key), town.ask, host.clock)
    host.operator.on_published.append(witnesses.tell)
    return witnesses


async def set_policy(host: Host, policy: str) -> Log:
    async def work(tx: Any) -> Log:
        log = await find_log(tx, "ctg", host.now)
        await lock_log(tx, log)
        signer = host.recorder.signer(log.origin)
        await record_key(tx, log, signer, "policy.set", {"policy": policy}, host.now, host.now.date())
        return log

    return await host.engine.transact(work)


async def until(condition: Callable[[], Any], witnesses: Witnesses) -> None:
    """Run the witnesses' tasks until the condition holds."""
    task = asyncio.create_task(witnesses.run())
    try:
        for _ in range(500):
            if task.done():
                task.result()
            if await condition():
                return
            await asyncio.sleep(0.01)
        pytest.fail("it never came")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def cosigners(host: Host, log: Log) -> set[str]:
    """Who cosigned the newest head."""
    size = (await host.head(log)).size
    return {line.witness for line in await host.engine.read(lambda tx: lines_of(tx, log, size))}


async def status(host: Host, log: Log, index: int = 1):
    return await host.engine.read(lambda tx: standing(tx, log, index))


async def test_two_of_three_witnesses_make_a_record_witnessed(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a", "b", "c")
    town.answers["https://c"] = unreachable
    assert (await status(host, log)).status == "published"
    assert await host.engine.read(lambda tx: unwitnessed_since(tx, log)) == timestamp(host.now)

    async def met() -> bool:
        return (await status(host, log)).status == "witnessed"

    await until(met, witnesses)
    reached = await status(host, log)
    assert (len(reached.witnesses), reached.of, reached.witnessed_at) == (2, 3, timestamp(host.now))
    assert await host.engine.read(lambda tx: unwitnessed_since(tx, log)) is None


async def test_publication_does_not_wait_for_witnesses_and_each_gets_the_newest_head(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a", "b")
    town.pause = 0.05
    task = asyncio.create_task(witnesses.run())
    try:
        for _ in range(10):
            await host.record()
            await host.publish()
        assert (await host.head(log)).size == 12 + 1
        published = await host.head(log)
        async with asyncio.timeout(5):
            while len(await cosigners(host, log)) < 2:
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert town.most == 1, "one request in flight for each witness"
    assert all(witness.store.find(log.origin).head == published for witness in town.witnesses.values())


def unreachable(_path: str) -> tuple[int, bytes]:
    raise OSError("no route")


async def test_a_witness_that_lost_touch_is_asked_again_and_its_size_corrected(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a")
    town.answers["https://a"] = unreachable

    async def tried() -> bool:
        return bool(town.asked)

    await until(tried, witnesses)
    del town.answers["https://a"]
    head = await host.head(log)
    signed = sign_checkpoint(head, [host.key.named(log.origin)])
    add_checkpoint(town.witnesses["https://a"], encode_add_checkpoint(0, (), signed), 1)  # somebody else sent it
    await host.record(3)
    await host.publish()

    async def cosigned() -> bool:
        return await cosigners(host, log) == {"a.example/temoin"}

    await until(cosigned, witnesses_of(host, town))
    assert sum(url.endswith("/add-checkpoint") for url in town.asked[1:]) == 2, "409, then 200"


async def test_a_quiet_log_is_cosigned_again_after_a_while(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a")

    async def at(now: int) -> bool:
        size = (await host.head(log)).size
        return [line.time for line in await host.engine.read(lambda tx: lines_of(tx, log, size))] == [now]

    first = int(host.now.timestamp())
    await until(lambda: at(first), witnesses)
    host.now = host.now.fromtimestamp(first + REFRESH, host.now.tzinfo)
    await until(lambda: at(first + REFRESH), witnesses_of(host, town))


async def test_a_log_that_a_witness_does_not_follow_holds_up_no_other(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a")
    host.now = host.now.replace(year=2027)
    await host.record()
    await host.publish()
    following = (await host.logs())[-1]
    town.witnesses["https://a"].store.leave(log.origin)
    town.witnesses["https://a"].store.follow(host.key.named(following.origin).verifier)
    task = asyncio.create_task(witnesses.run())
    try:
        for _ in range(5):
            await host.record()
            await host.publish()
            async with asyncio.timeout(5):
                while not await cosigners(host, following):
                    await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    refused = town.witnesses["https://a"].store.find(log.origin).head.size
    assert (refused, await cosigners(host, log)) == (0, set())


async def longer(host: Host, log: Log, town: Town, more: int, *, rewritten: bool = False) -> Checkpoint:
    """Have every witness hold a head that the host signed and its database has lost (or never had)."""
    rows = await host.rows("SELECT leaf_hash FROM event WHERE log = ? ORDER BY leaf_index", log.id)
    leaves = [bytes(row[0]) for row in rows]
    if rewritten:
        leaves[-1] = leaf_hash(b"another")
    leaves += [leaf_hash(b"lost %d" % number) for number in range(more)]
    head = Checkpoint(log.origin, len(leaves), tree_root(leaves))
    note = sign_checkpoint(head, [host.key.named(log.origin)])
    for witness in town.witnesses.values():
        old = witness.store.find(log.origin).head.size
        proof = consistency_proof(old, len(leaves), reader_of(leaves))
        assert add_checkpoint(witness, encode_add_checkpoint(old, proof, note), 1).status == 200
    return head


@pytest.mark.parametrize("more", [0, 5])
async def test_a_witness_that_holds_another_history_stops_the_start(host: Host, town: Town, more: int) -> None:
    log, witnesses = await ready(host, town, "a", "b")
    await witnesses.check()
    await longer(host, log, town, more, rewritten=True)
    town.answers["https://a"] = unreachable
    with pytest.raises(SigningRefused, match=r"b\.example/temoin"):
        await witnesses.check()


async def test_a_witness_that_holds_more_stops_the_signing(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a")
    head = await longer(host, log, town, 3)
    with pytest.raises(ExceptionGroup) as refused:
        await until(never, witnesses)
    assert refused.group_contains(SigningRefused, match="ecluse ledger reopen")
    assert refused.group_contains(SigningRefused, match=f"{head.size} enregistrements")


async def never() -> bool:
    return False


async def test_a_witness_that_refuses_the_same_size_stops_the_signing(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a")
    head = await longer(host, log, town, 0, rewritten=True)
    host_line = await host.head(log)
    assert (head.size, head.root != host_line.root) == (host_line.size, True)
    with pytest.raises(ExceptionGroup) as refused:
        await until(never, witnesses)
    assert refused.group_contains(SigningRefused)


async def test_a_witness_that_says_so_by_a_conflict_without_a_size_stops_the_signing(host: Host, town: Town) -> None:
    """tlog-witness: 409 also for another root of the size it holds, and then its body is no size."""
    log, witnesses = await ready(host, town, "a")
    await longer(host, log, town, 0, rewritten=True)
    kept = town.witnesses["https://a"]
    town.answers["https://a"] = lambda path: (
        (409, b"root mismatch\n") if path == "add-checkpoint" else (200, kept_head(kept, path.split("/")[0]).body)
    )
    with pytest.raises(ExceptionGroup) as refused:
        await until(never, witnesses)
    assert refused.group_contains(SigningRefused)


@pytest.mark.parametrize("answer", [(409, b"900\n"), (422, b"no\n")])
async def test_a_claim_is_believed_when_the_witness_shows_no_head(host: Host, town: Town, answer) -> None:
    _, witnesses = await ready(host, town, "a")
    town.answers["https://a"] = lambda path: answer if path == "add-checkpoint" else (404, b"")
    with pytest.raises(ExceptionGroup) as refused:
        await until(never, witnesses)
    assert refused.group_contains(SigningRefused, match="retirez-le de la politique")


@pytest.mark.parametrize("answer", [(409, b"900\n"), (422, b"no\n"), (409, b"x"), (500, b""), (200, b"no line\n")])
async def test_a_witness_that_contradicts_itself_or_talks_nonsense_stops_nothing(
    host: Host, town: Town, answer
) -> None:
    log, witnesses = await ready(host, town, "a", "b")
    honest = sign_checkpoint(await host.head(log), [host.key.named(log.origin)])
    town.answers["https://a"] = lambda path: answer if path == "add-checkpoint" else (200, honest)

    async def other() -> bool:
        return await cosigners(host, log) == {"b.example/temoin"} and any("a.example" in url for url in town.asked)

    await until(other, witnesses)


async def test_what_a_witness_says_unsigned_by_this_host_is_not_believed_at_the_start(host: Host, town: Town) -> None:
    _, witnesses = await ready(host, town, "a")
    for answer in ((200, b"nonsense"), (200, b"a\n1\nb\n\nc\n"), (404, b""), (500, b"")):
        town.answers["https://a"] = lambda _path, answer=answer: answer
        await witnesses.check()


async def test_a_log_left_behind_is_neither_sequenced_nor_sent_nor_compared(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a")
    await host.record()
    await host.engine.transact(lambda tx: abandon_log(tx, log, timestamp(host.now), b"cited"))
    await longer(host, log, town, 3)
    await host.publish()
    await host.operator.check()
    await witnesses.check()
    assert town.asked == []
    assert (await host.rows("SELECT count(*) FROM event WHERE leaf_index IS NULL"))[0][0] == 1


async def test_an_older_line_of_a_witness_never_replaces_a_newer_one(host: Host, town: Town) -> None:
    log, witnesses = await ready(host, town, "a")

    async def cosigned() -> bool:
        return bool(await cosigners(host, log))

    await until(cosigned, witnesses)
    size = (await host.head(log)).size
    (line,) = await host.engine.read(lambda tx: lines_of(tx, log, size))
    older = type(line)(line.witness, line.time - 1, b"older")
    assert not await host.engine.transact(lambda tx: keep_line(tx, log, size, older))
    assert await host.engine.read(lambda tx: lines_of(tx, log, size)) == [line]


async def test_a_witness_ahead_of_the_others_does_not_hide_the_last_head_of_the_quorum(host: Host, town: Town) -> None:
    log, _ = await ready(host, town, "a", "b")
    signed = await host.engine.read(lambda tx: serving.shown_head(tx, log))

    async def cosigned(tx: Any) -> None:
        for name in ("a", "b"):
            await keep_line(tx, log, signed.size, Line(f"{name}.example/temoin", 1, b"line\n"))
        for size in range(signed.size + 1, signed.size + 300):
            await keep_line(tx, log, size, Line("a.example/temoin", 2, b"line\n"))

    await host.engine.transact(cosigned)
    policy = await host.engine.read(lambda tx: policy_of(tx, log.owner))
    assert policy is not None
    met = await host.engine.read(lambda tx: serving.quorum_head(tx, log, policy))
    assert met is not None
    assert met.note == signed.note


async def test_a_head_with_more_cosignatures_than_a_note_may_have_is_still_served(host: Host, town: Town) -> None:
    log, _ = await ready(host, town, "a")
    signed = await host.engine.read(lambda tx: serving.shown_head(tx, log))

    async def cosigned(tx: Any) -> None:
        for number in range(70):
            line = SignatureLine(f"t{number}.example/temoin", bytes(4), bytes(72))
            await keep_line(tx, log, signed.size, Line(line.name, number, line.text.encode()))

    await host.engine.transact(cosigned)
    note = await host.engine.read(lambda tx: serving.checkpoint(tx, log, signed))
    assert open_checkpoint(note, [host.key.named(log.origin).verifier]).size == signed.size
