"""Policies: which logs and witnesses somebody relies on, and how many witnesses it takes (C2SP tlog-policy)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from registry.ledger.cosignatures import COSIGNATURE, CosignatureVerifier, Cosigned, open_cosigned
from registry.ledger.encoding import LARGEST, decode_decimal
from registry.ledger.errors import MalformedError, QuorumError
from registry.ledger.keys import Verifier, parse_vkey, split_vkey

MAX_BYTES = 1_000_000
MAX_NAMES = 256
"""Logs, witnesses and groups together; the specification asks for at least 32 of each."""
NONE = "none"
_ML_DSA_44 = 0x06
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANK = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Log:
    """A log relied on; `url` is where it is reached, if said."""

    key: Verifier
    url: str | None


@dataclass(frozen=True)
class Witness:
    """A witness: `key` is None when its algorithm is not checked here (ML-DSA-44), and then it never counts."""

    name: str
    key: CosignatureVerifier | None
    url: str | None


@dataclass(frozen=True)
class Group:
    """`threshold` of the named members, each a witness or a group defined before."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """The content of a policy file, in its order. `quorum` names a witness or a group, or is « none »."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def is_met_by(self, cosigners: Collection[CosignatureVerifier]) -> bool:
        """Whether these witnesses together are the quorum.

        Groups name only what was defined before them: one pass in order decides each.
        """
        if self.quorum == NONE:
            return True
        met = {witness.name for witness in self.witnesses if witness.key in cosigners}
        for group in self.groups:
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(group.name)
        return self.quorum in met

    def fewest(self) -> int:
        """The smallest number of witnesses that can be the quorum."""
        needed = {witness.name: 1 for witness in self.witnesses}
        for group in self.groups:
            needed[group.name] = sum(sorted(needed[member] for member in group.members)[: group.threshold])
        return needed.get(self.quorum, 0)

    def open(self, note: bytes, *, oldest: int = 0, newest: int = LARGEST) -> Cosigned:
        """The checkpoint of a note that a log of the policy signed and enough of its witnesses cosigned.

        Only cosignatures between `oldest` and `newest` (POSIX seconds, both included) count: the caller's maximum age
        and its clock. Raises QuorumError when there are not enough, another LedgerError as `open_cosigned`.
        """
        keys = [witness.key for witness in self.witnesses if witness.key]
        cosigned = open_cosigned(note, [log.key for log in self.logs], keys)
        if not self.is_met_by({key for key, time in cosigned.times.items() if oldest <= time <= newest}):
            raise QuorumError(
                "the checkpoint is not cosigned by enough witnesses of the policy, or not recently enough"
            )
        return cosigned


def parse_policy(raw: bytes) -> Policy:
    """Read a policy file. Raises MalformedError with the line's number.

    1. Bytes that are not ASCII are opaque; no control character but tab and newline; every line ends with a newline, so
    that a file cut short is not read as another policy. 2. Each line defines one thing, from names defined before.
    3. Exactly one quorum.
    """
    text = raw.decode("utf-8", "surrogateescape")
    if len(raw) > MAX_BYTES or _CONTROL.search(text) or not text.endswith("\n"):
        raise MalformedError("a policy is lines of text, each ended by a newline")
    draft = _Draft()
    for number, line in enumerate(text[:-1].split("\n"), 1):
        words = [word for word in _BLANK.split(line) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            draft.read(words)
        except MalformedError as error:
            raise MalformedError(f"line {number}: {error}") from error
    if draft.quorum is None:
        raise MalformedError("the policy has no quorum line")
    return Policy(tuple(draft.logs), tuple(draft.witnesses), tuple(draft.groups), draft.quorum)


@dataclass
class _Draft:
    logs: list[Log] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    keys: set[bytes] = field(default_factory=set)

    def read(self, words: list[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                key = parse_vkey(vkey)
                self._new_key(key.public)
                self.logs.append(Log(key, url[0] if url else None))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._define(name)
                self.witnesses.append(Witness(name, self._witness_key(vkey), url[0] if url else None))
            case ["group", name, threshold, first, *others]:
                self._group(name, threshold, (first, *others))
            case ["quorum", name] if self.quorum is None:
                if name != NONE and name not in self.names:
                    raise MalformedError("the quorum is not defined before")
                self.quorum = name
            case _:
                raise MalformedError("a log, witness, group or the one quorum is expected")
        if len(self.names) + len(self.logs) > MAX_NAMES:
            raise MalformedError("the policy has too many names")

    def _group(self, name: str, threshold: str, members: tuple[str, ...]) -> None:
        for member in members:
            # a witness that is a member twice, through whatever groups, would count twice
            if member not in self.names or member in self.members:
                raise MalformedError("a member is defined before and is a member once only")
            self.members.add(member)
        needed = {"any": 1, "all": len(members)}.get(threshold) or decode_decimal(threshold)
        if not 0 < needed <= len(members):
            raise MalformedError("a group's threshold is between 1 and the number of its members")
        self._define(name)
        self.groups.append(Group(name, needed, members))

    def _define(self, name: str) -> None:
        if name == NONE or name in self.names:
            raise MalformedError("the name is taken")
        self.names.add(name)

    def _witness_key(self, vkey: str) -> CosignatureVerifier | None:
        name, algorithm, public = split_vkey(vkey)
        if algorithm not in {COSIGNATURE, _ML_DSA_44}:
            raise MalformedError("a witness has the key of a cosigner")
        self._new_key(public)
        return CosignatureVerifier(name, public) if algorithm == COSIGNATURE else None

    def _new_key(self, public: bytes) -> None:
        # also between logs and witnesses: a log that cosigns itself proves nothing
        if public in self.keys:
            raise MalformedError("the same key is there twice")
        self.keys.add(public)
