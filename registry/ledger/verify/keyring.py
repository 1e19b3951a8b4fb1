"""Which keys a log names, from which leaf on: read in its key records, each opened and checked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from registry.ledger.canonical import parse_canonical
from registry.ledger.commitments import commit_facts
from registry.ledger.encoding import LARGEST, decode_base64
from registry.ledger.errors import LedgerError, MalformedError
from registry.ledger.keys import Verifier, parse_vkey
from registry.ledger.merkle import HASH_BYTES, leaf_hash
from registry.ledger.policy import parse_policy
from registry.ledger.records import Record, parse_record
from registry.ledger.verify.findings import Findings
from registry.ledger.verify.keys_file import PATH, KeysFile, Opening, require_fields, require_text

OPENED = "log.opened"
Dated = tuple[int, Verifier]
"""A key, and the index of the first leaf whose record it may sign."""


@dataclass(frozen=True)
class Cited:
    """The last head of the log before, as the first record of the next one cites it."""

    origin: str
    size: int
    root: bytes


@dataclass
class Keyring:
    """The keys a log names, in order; `opened`: the leaf hash of each key record that was opened."""

    origin: str
    logs: list[Verifier] = field(default_factory=list)
    recorders: list[Dated] = field(default_factory=list)
    parties: list[Dated] = field(default_factory=list)
    policy: str | None = None
    previous: Cited | None = None
    opened: dict[int, bytes] = field(default_factory=dict)

    def learn(self, index: int, act: str, derived: Any) -> None:
        """What a key record at `index` says. Raises MalformedError when it may not say it."""
        match act:
            case "log.opened" if index == 0:
                self._open(derived)
            case "key.rotated":
                self._rotate(index, derived)
            case "key.added":
                require_fields(derived, {"kind", "party", "vkey"})
                if derived["kind"] != "party":
                    raise MalformedError("only a party's key is added")
                self.parties.append((index + 1, parse_vkey(require_text(derived["vkey"]))))
            case "policy.set":
                require_fields(derived, {"policy"})
                self._rely(derived["policy"])
            case _:
                raise MalformedError("the act is not one of a key record at this place")
        if {key.public for key in self.logs} & {key.public for _, key in self.recorders}:
            raise MalformedError("one key signs both heads and records")

    def _open(self, derived: Any) -> None:
        if type(derived) is dict:
            derived = {"policy": None, "orphans": [], **derived}
        require_fields(derived, {"origin", "log", "recorder", "previous", "policy", "orphans"})
        if derived["origin"] != self.origin:
            raise MalformedError("another log is opened")
        self.logs = [self._named("log", derived["log"])]
        self.recorders = [(0, self._named("recorder", derived["recorder"]))]
        if derived["previous"] is not None:
            self.previous = _cited(derived["previous"])
        if derived["policy"] is not None:
            self._rely(derived["policy"])

    def _rely(self, policy: Any) -> None:
        parse_policy(require_text(policy).encode())
        self.policy = policy

    def _rotate(self, index: int, derived: Any) -> None:
        require_fields(derived, {"kind", "vkey", "previous"})
        new = self._named(derived["kind"], derived["vkey"])
        known = self.logs if derived["kind"] == "log" else [key for _, key in self.recorders]
        if derived["previous"] not in [key.vkey for key in known] or new in known:
            raise MalformedError("a known key is replaced by a new one")
        if derived["kind"] == "log":
            self.logs.append(new)
        else:
            self.recorders.append((index + 1, new))

    def _named(self, kind: Any, vkey: Any) -> Verifier:
        names = {"log": self.origin, "recorder": f"{self.origin}/recorder"}
        key = parse_vkey(require_text(vkey))
        if key.name != names.get(require_text(kind)):
            raise MalformedError("the key has not the name of its use")
        return key


def read_keyring(file: KeysFile, origin: str, size: int, entry: Callable[[int], bytes], findings: Findings) -> Keyring:
    """The keys that the log's first `size` leaves name.

    For each opening, in order: 1. its record must be signed by a recorder key named before it (the first names its
    own); 2. the opened facts must be those it commits to; 3. what they say is learnt. Then the lists of the file must
    say the same. `entry` gives the record at an index, or raises a LedgerError. The log's owner may have recorded a key
    since that head: openings beyond it are only compared with the lists.
    """
    ring = Keyring(origin)
    if file.origin != origin:
        findings.add("keys-list", PATH, name="origin")
    for opening in file.openings:
        if opening.index < size:
            _learn(ring, opening, entry, findings)
    if size and 0 not in ring.opened:
        findings.add("not-opened", "tile/entries/000", 0)
        _suppose(ring, file, findings)
        return ring
    told_by(file, size, findings)
    return ring


def _learn(ring: Keyring, opening: Opening, entry: Callable[[int], bytes], findings: Findings) -> None:
    index = opening.index
    try:
        facts = parse_facts(opening.facts)
        if index == 0:
            ring.learn(0, facts["act"], facts["derived"])
        note = entry(index)
        record = parse_record(note, [key for first, key in ring.recorders if first <= index])
    except LedgerError:
        findings.add("key-opening", PATH, index)
        return
    if not _matches(record, ring.origin, opening):
        findings.add("key-opening", PATH, index)
        return
    try:
        if index:
            ring.learn(index, facts["act"], facts["derived"])
    except LedgerError:
        findings.add("key-facts", PATH, index)
    ring.opened[index] = leaf_hash(note)


def _matches(record: Record, origin: str, opening: Opening) -> bool:
    return (
        record.commit == commit_facts(opening.salt, opening.facts.encode())
        and record.type == "key"
        and record.log == origin
        and (opening.index > 0 or record.revision == 1)
    )


def parse_facts(text: str) -> dict[str, Any]:
    """The facts of an event from their canonical JSON. Raises MalformedError."""
    facts = parse_canonical(text.encode())
    require_fields(facts, {"act", "by", "party", "on", "schema", "input", "derived", "opening_commit"})
    found: dict[str, Any] = facts
    return found


def _suppose(ring: Keyring, file: KeysFile, findings: Findings) -> None:
    """Without an opening, take the listed keys: enough to say what else is damaged, never to approve."""
    try:
        ring.logs = ring.logs or [parse_vkey(vkey) for vkey in file.log]
        ring.recorders = ring.recorders or [(0, parse_vkey(vkey)) for vkey in file.recorder]
    except LedgerError:
        findings.add("keys-malformed", PATH)


def told_by(file: KeysFile, size: int, findings: Findings) -> Keyring:
    """What all the openings of a file say, records not compared; its lists must say the same.

    Those before `size` are checked elsewhere: only the others' facts are refused here.
    """
    said = Keyring(file.origin)
    for opening in file.openings:
        try:
            facts = parse_facts(opening.facts)
            said.learn(opening.index, facts["act"], facts["derived"])
        except LedgerError:
            if opening.index >= size:
                findings.add("key-facts", PATH, opening.index)
    lists = {
        "log": (file.log, [key.vkey for key in said.logs]),
        "recorder": (file.recorder, [key.vkey for _, key in said.recorders]),
        "policy": (file.policy, said.policy),
    }
    for name, (listed, told) in lists.items():
        if listed != told:
            findings.add("keys-list", PATH, name=name)
    return said


def _cited(value: Any) -> Cited:
    require_fields(value, {"origin", "size", "root"})
    size = value["size"]
    if type(size) is not int or not 0 <= size <= LARGEST:
        raise MalformedError("a size is a whole number")
    return Cited(require_text(value["origin"]), size, decode_base64(require_text(value["root"]), HASH_BYTES))
