"""A whole log, verified by recomputing everything from its entries."""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from registry.ledger.checkpoints import Checkpoint
from registry.ledger.errors import MalformedError
from registry.ledger.tiles import WIDTH, Tile
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.entries import Outcome, Task, bundle_at, check_entries, read_bundle, served_tile, tasks
from registry.ledger.verify.findings import Findings
from registry.ledger.verify.heads import PATH, Head, open_head, open_kept, read_head
from registry.ledger.verify.keyring import Cited, Keyring, read_keyring
from registry.ledger.verify.keys_file import MAX_BYTES as MAX_KEYS
from registry.ledger.verify.keys_file import PATH as KEYS
from registry.ledger.verify.keys_file import KeysFile, parse_keys_file
from registry.ledger.verify.revisions import Revisions
from registry.ledger.verify.sources import FileTooLongError, MissingFileError, Source
from registry.ledger.verify.tree import Tree

BUNDLES = 4
"""Bundles in a task: about 0.1 s of work, so that processes end together."""
UNREAD = 8
"""Tasks in a row without one readable record, after which the rest is not looked for: a head may announce any size."""
Progress = Callable[[int, int], None]
"""Told the records checked so far, and how many there are."""


@dataclass
class LogReport:
    """What the verification of a log found; `head` is None when there was none to read.

    `anchors`: what the caller kept that confirms the head (« key », « policy », « old »); without any, the log is
    coherent at best.
    """

    name: str
    head: Checkpoint | None = None
    records: int = 0
    anchors: set[str] = field(default_factory=set)
    witnesses: dict[str, int | None] = field(default_factory=dict)
    previous: Cited | None = None
    findings: Findings = field(default_factory=Findings)

    @property
    def fine(self) -> bool:
        """Nothing wrong was found, and something that the caller kept confirms it."""
        return bool(self.anchors) and not self.findings


def verify_log(
    source: Source,
    anchor: Anchor,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    cited: Sequence[Cited] = (),
    pause: float = 1.0,
) -> LogReport:
    """Verify the log of a source, in `jobs` processes.

    1. Read the head, then the keys file, which may already say more; 2. learn the log's keys from its own records;
    3. open the head; 4. check every record and recompute the tree; 5. compare tiles, root, the head the caller kept
    and those that the owner's following logs cite (`cited`).
    `pause`: seconds before a live head is read again. Raises UnreachableError when a file cannot be had, sqlite3.Error
    when temporary space is missing, BrokenProcessPool when a process was killed.
    """
    report = LogReport(source.name)
    head = read_head(source, anchor, pause, report.findings)
    if head is None:
        return report
    report.head = head.checkpoint
    if not head.checkpoint.origin.endswith(source.ending):
        report.findings.add("misplaced", PATH, origin=head.checkpoint.origin)
    ring = _keyring(source, head.checkpoint, report.findings)
    report.previous = ring.previous
    standing = open_head(head, PATH, anchor, ring.logs, ring.policy, report.findings)
    report.anchors, report.witnesses = set(standing.by), standing.witnesses
    old = _old(anchor, head, ring, report.findings)
    others = [one for one in cited if one.origin == head.checkpoint.origin]
    sizes = {head.checkpoint.size, *(one.size for one in others), *([old.size] if old else [])}
    tree = _recompute(source, head.checkpoint, ring, Tree(sizes), jobs, progress, report)
    _compare(report, tree, old, others)
    return report


def cited_by(source: Source) -> Cited | None:
    """The head of another log that a log says it follows, **nothing checked**. Raises UnreachableError."""
    unchecked = Findings()
    head = read_head(source, Anchor(), 0, unchecked)
    return _keyring(source, head.checkpoint, unchecked).previous if head else None


def _keyring(source: Source, head: Checkpoint, findings: Findings) -> Keyring:
    def entry(index: int) -> bytes:
        try:
            return read_bundle(source, bundle_at(index // WIDTH, head.size))[index % WIDTH]
        except (MissingFileError, FileTooLongError) as error:
            raise MalformedError("the bundle cannot be read") from error

    file = _keys_file(source, head.origin, findings)
    return read_keyring(file, head.origin, head.size, entry, findings)


def _keys_file(source: Source, origin: str, findings: Findings) -> KeysFile:
    try:
        return parse_keys_file(source.read(KEYS, MAX_KEYS))
    except MissingFileError:
        findings.add("missing", KEYS)
    except FileTooLongError:
        findings.add("too-long", KEYS)
    except MalformedError:
        findings.add("keys-malformed", KEYS)
    return KeysFile(origin, [], [], None, [])


def _old(anchor: Anchor, head: Head, ring: Keyring, findings: Findings) -> Checkpoint | None:
    kept = anchor.head_of(head.checkpoint.origin)
    if kept is None:
        return None
    return open_kept(kept, [*anchor.keys_of(head.checkpoint.origin), *ring.logs], findings)


def _recompute(
    source: Source, head: Checkpoint, ring: Keyring, tree: Tree, jobs: int, progress: Progress | None, report: LogReport
) -> Tree:
    """Check all records in tasks, and merge what each found in order: tree, tiles above the leaves', revisions."""
    task = Task(
        source, head.origin, head.size, 0, head.size,
        tuple((first, key.vkey) for first, key in ring.recorders),
        tuple((first, key.vkey) for first, key in ring.parties),
        ring.opened, tree.partial_bundles(),
    )  # fmt: skip
    number, whole, unread = 0, True, 0
    with Revisions() as revisions:
        for outcome in _outcomes(tasks(task, BUNDLES), min(jobs, -(-head.size // (BUNDLES * WIDTH)))):
            report.findings.extend(outcome.findings, outcome.found)
            report.records += outcome.records
            _merge_runs(outcome, revisions, report.findings)
            for root in outcome.roots:
                whole = whole and root is not None
                if whole and root is not None:
                    width = min(WIDTH, head.size - number * WIDTH)
                    _same(source, tree.add(root, outcome.leaves.get(number, ()), width=width), report.findings)
                number += 1
            if progress:
                progress(min(number * WIDTH, head.size), head.size)
            unread = 0 if outcome.records else unread + 1
            if unread == UNREAD:
                report.findings.add("nothing-left", PATH, number * WIDTH)
                break
    if whole:
        _same(source, tree.partial(), report.findings)
    return tree


def _merge_runs(outcome: Outcome, revisions: Revisions, findings: Findings) -> None:
    for object_id, run in outcome.runs.items():
        before = revisions.replace(object_id, run.last)
        if before is not None and run.first != before + 1:
            path = Tile(-1, run.index // WIDTH).path
            findings.add("revision", path, run.index, object=object_id, before=before, revision=run.first)


def _same(source: Source, recomputed: Iterable[tuple[Tile, bytes]], findings: Findings) -> None:
    for tile, raw in recomputed:
        served = served_tile(source, tile, findings)
        if served is not None and served != raw:
            findings.add("tile", tile.path)


def _compare(report: LogReport, tree: Tree, old: Checkpoint | None, cited: Sequence[Cited]) -> None:
    head = report.head
    if head is None:
        return
    root = tree.roots.get(head.size)
    if root is not None and root != head.root:
        report.findings.add("root", PATH)
    for one in cited:
        if one.size > head.size:
            report.findings.add("previous-larger", PATH, old=one.size, size=head.size)
        elif tree.roots.get(one.size, one.root) != one.root:
            report.findings.add("previous-differs", PATH, old=one.size)
    if old is None:
        return
    if old.size > head.size:
        report.findings.add("old-larger", PATH, old=old.size, size=head.size)
    elif (kept := tree.roots.get(old.size)) is not None:
        if kept == old.root:
            if old.size:  # an empty tree begins every log, whoever wrote it
                report.anchors.add("old")
        else:
            report.findings.add("old-differs", PATH, old=old.size)


def _outcomes(work: Iterable[Task], jobs: int) -> Iterator[Outcome]:
    """The outcomes of tasks, in order; few are held at a time."""
    if jobs <= 1:
        yield from map(check_entries, work)
        return
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_leave_interrupts)
    try:
        pending: deque[Future[Outcome]] = deque()
        for task in work:
            pending.append(pool.submit(check_entries, task))
            if len(pending) > 2 * jobs:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Ctrl-C is for the parent, which stops the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
