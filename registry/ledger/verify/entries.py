"""The records of a run of entry bundles: the part of a log's verification that several processes share.

A task and its outcome are small and travel between processes; a worker keeps nothing from one task to the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from registry.ledger.bundles import MAX_ENTRY, decode_bundle
from registry.ledger.errors import MalformedError, SignatureError, UnknownKeyError
from registry.ledger.keys import Verifier, parse_vkey
from registry.ledger.merkle import HASH_BYTES, leaf_hash, tree_root
from registry.ledger.records import Record, open_record, record_of
from registry.ledger.tiles import ENTRIES, WIDTH, Tile, split_tile
from registry.ledger.verify.findings import Finding, Findings
from registry.ledger.verify.sources import FileTooLongError, MissingFileError, Source

MAX_BUNDLE = WIDTH * (2 + MAX_ENTRY)
MAX_TILE = WIDTH * HASH_BYTES


@dataclass(frozen=True)
class Task:
    """What it takes to check records [start, end), `start` a multiple of 256, of a log of `size` records.

    `recorders` and `parties`: vkeys with the first index each may sign; `opened`: the leaf hashes of the key records
    already opened; `kept`: the bundles whose leaf hashes the parent asks for.
    """

    source: Source
    origin: str
    size: int
    start: int
    end: int
    recorders: tuple[tuple[int, str], ...]
    parties: tuple[tuple[int, str], ...]
    opened: dict[int, bytes]
    kept: frozenset[int]


@dataclass
class Run:
    """The revisions of one object met in a task: consecutive, from `first` at leaf `index` to `last`."""

    first: int
    last: int
    index: int


@dataclass
class Outcome:
    """What a task found: the root of each bundle (None when unknown), the runs of revisions, the findings."""

    records: int = 0
    roots: list[bytes | None] = field(default_factory=list)
    leaves: dict[int, list[bytes]] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0


def bundle_at(number: int, size: int) -> Tile:
    """The entry bundle of a log of `size` records, full or partial."""
    return Tile(ENTRIES, number, min(WIDTH, size - number * WIDTH))


def read_bundle(source: Source, tile: Tile) -> list[bytes]:
    """The entries of a bundle. Raises MalformedError, or what the source raises."""
    return decode_bundle(source.read(tile.path, MAX_BUNDLE), tile.width)


def check_entries(task: Task) -> Outcome:
    """Check the records of a task, and the tiles of their leaf hashes. Raises UnreachableError."""
    return _Checker(task).run()


class _Checker:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._outcome = Outcome()
        self._findings = Findings()
        self._recorders = [(first, parse_vkey(vkey)) for first, vkey in task.recorders]
        self._parties = [(first, parse_vkey(vkey)) for first, vkey in task.parties]
        self._changes = {first for first, _ in (*self._recorders, *self._parties)} | {task.start}
        self._known: list[Verifier] = []
        self._required: list[Verifier] = []

    def run(self) -> Outcome:
        for number in range(self._task.start // WIDTH, (self._task.end + WIDTH - 1) // WIDTH):
            leaves = self._bundle(bundle_at(number, self._task.size))
            self._outcome.roots.append(tree_root(leaves) if leaves else None)
            if leaves and number in self._task.kept:
                self._outcome.leaves[number] = leaves
        self._outcome.findings, self._outcome.found = self._findings.kept, self._findings.total
        return self._outcome

    def _bundle(self, tile: Tile) -> list[bytes] | None:
        """The leaf hashes recomputed; those served when the bundle cannot be read, so that the rest is checked too."""
        served = self._served(Tile(0, tile.index, tile.width))
        try:
            entries = read_bundle(self._task.source, tile)
        except MissingFileError:
            self._findings.add("missing", tile.path)
            return served
        except FileTooLongError:
            self._findings.add("too-long", tile.path)
            return served
        except MalformedError:
            self._findings.add("bundle-malformed", tile.path, width=tile.width)
            return served
        leaves = [leaf_hash(entry) for entry in entries]
        if served is not None and served != leaves:
            self._findings.add("tile", Tile(0, tile.index, tile.width).path)
        for index, entry in enumerate(entries, tile.index * WIDTH):
            self._entry(tile.path, index, entry)
            if self._task.opened.get(index, leaves[index % WIDTH]) != leaves[index % WIDTH]:
                self._findings.add("key-changed", tile.path, index)
        self._outcome.records += len(entries)
        return leaves

    def _served(self, tile: Tile) -> list[bytes] | None:
        raw = served_tile(self._task.source, tile, self._findings)
        return split_tile(tile, raw) if raw else None

    def _entry(self, path: str, index: int, entry: bytes) -> None:
        if index in self._changes:
            self._required = [key for first, key in self._recorders if first <= index]
            self._known = [*self._required, *(key for first, key in self._parties if first <= index)]
        try:
            record = self._read(entry)
        except UnknownKeyError:
            self._findings.add("record-unknown-key", path, index)
        except SignatureError:
            self._findings.add("record-signature", path, index)
        except MalformedError:
            self._findings.add("record-malformed", path, index)
        else:
            self._record(path, index, record)

    def _read(self, entry: bytes) -> Record:
        note = open_record(entry, self._known)
        if not any(key in self._required for key in note.signed_by):
            raise UnknownKeyError("a party alone signed")
        return record_of(note)

    def _record(self, path: str, index: int, record: Record) -> None:
        if record.log != self._task.origin:
            self._findings.add("record-other-log", path, index, origin=record.log)
        if record.type == "key" and index not in self._task.opened:
            self._findings.add("key-not-opened", path, index)
        run = self._outcome.runs.get(record.object)
        if run is None:
            self._outcome.runs[record.object] = Run(record.revision, record.revision, index)
            return
        if record.revision != run.last + 1:
            self._findings.add("revision", path, index, object=record.object, before=run.last, revision=record.revision)
        run.last = record.revision


def served_tile(source: Source, tile: Tile, findings: Findings) -> bytes | None:
    """The bytes of a hash tile, when there are as many as its path says; else None and a finding."""
    try:
        raw = source.read(tile.path, tile.width * HASH_BYTES)
    except MissingFileError:
        findings.add("missing", tile.path)
    except FileTooLongError:
        findings.add("too-long", tile.path)
    else:
        if len(raw) == tile.width * HASH_BYTES:
            return raw
        findings.add("tile", tile.path)
    return None


def tasks(task: Task, bundles: int) -> Iterator[Task]:
    """The task cut into tasks of so many bundles each, in order."""
    step = bundles * WIDTH
    for start in range(task.start, task.end, step):
        end = min(start + step, task.end)
        opened = {index: leaf for index, leaf in task.opened.items() if start <= index < end}
        kept = frozenset(number for number in task.kept if start <= number * WIDTH < end)
        yield Task(task.source, task.origin, task.size, start, end, task.recorders, task.parties, opened, kept)
