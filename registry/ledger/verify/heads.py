"""A log's head: read, opened with the keys it takes, counted against the witnesses."""

import time
from dataclasses import dataclass, field

from registry.ledger.checkpoints import Checkpoint, checkpoint_of, parse_checkpoint
from registry.ledger.cosignatures import CosignatureVerifier, times_of
from registry.ledger.errors import LedgerError, MalformedError, SignatureError
from registry.ledger.keys import Verifier
from registry.ledger.notes import MAX_BYTES, open_note, split_note
from registry.ledger.policy import Policy, parse_policy
from registry.ledger.verify.anchor import Anchor, Kept, witness_keys
from registry.ledger.verify.findings import Findings
from registry.ledger.verify.sources import FileTooLongError, MissingFileError, Source

PATH = "checkpoint"
REFETCHES = 4
"""Times a live head is read again when the witnesses it needs have not spoken yet."""


@dataclass(frozen=True)
class Head:
    """A head as read: its note, and what it says; no signature checked yet."""

    note: bytes
    checkpoint: Checkpoint


@dataclass(frozen=True)
class Standing:
    """What vouches for an opened head: `by` names the anchors that do (« key », « policy »).

    `witnesses`: of the policy's witnesses (the caller's, else the log's own), each one's time, POSIX seconds, or None.
    """

    by: frozenset[str] = frozenset()
    witnesses: dict[str, int | None] = field(default_factory=dict)


def read_head(source: Source, anchor: Anchor, pause: float, findings: Findings) -> Head | None:
    """The served head; None and a finding when there is none to read. Read again when a live one lacks witnesses."""
    head = None
    for attempt in range(REFETCHES + 1):
        try:
            note = source.read(PATH, MAX_BYTES)
        except MissingFileError:
            findings.add("missing", PATH)
            return None
        except FileTooLongError:
            findings.add("too-long", PATH)
            return None
        head = parse_head(note, PATH, findings)
        if head is None or not source.live or attempt == REFETCHES or _has_quorum(head, anchor):
            return head
        time.sleep(pause)
    return head


def parse_head(note: bytes, path: str, findings: Findings) -> Head | None:
    """A head from its note's bytes; None and a finding when malformed."""
    try:
        return Head(note, parse_checkpoint(split_note(note)[0]))
    except MalformedError:
        findings.add("checkpoint-malformed", path)
        return None


def open_head(
    head: Head, path: str, anchor: Anchor, named: list[Verifier], policy: str | None, findings: Findings
) -> Standing:
    """Check the signatures of a head, and who of those the caller trusts vouches for it.

    1. A log key kept by the caller must have signed it; with none, one of those `named` by the log, if any, which
    vouches for nothing. 2. No line of a known witness may be wrong, known from the caller's policy or the log's own
    (`policy`, a text). 3. The caller's policy must be met, and when it names logs this must be one of them: the same
    witnesses may follow logs of other hosts.
    """
    trusted = anchor.keys_of(head.checkpoint.origin)
    own = _own(policy)
    log_keys, times = trusted or named, dict[CosignatureVerifier, int]()
    try:
        opened = open_note(head.note, [*log_keys, *witness_keys(anchor.policy, own)])
        if log_keys:
            checkpoint_of(opened)
        times = times_of(opened)
    except SignatureError:
        findings.add("checkpoint-signature", path)
        return Standing()
    except LedgerError:
        if log_keys:
            findings.add("checkpoint-unknown-key", path, origin=head.checkpoint.origin)
            return Standing()
    if trusted and named and not {key.public for key in trusted} & {key.public for key in named}:
        findings.add("log-key-not-named", path)
    if anchor.policy and anchor.policy.logs and not trusted:
        findings.add("policy-other-log", path, origin=head.checkpoint.origin)
    witnesses = _witnesses(anchor.policy or own, times)
    by = {"key"} if trusted else set()
    match anchor.quorum(times):
        case True:
            by.add("policy")
        case False:
            met = sum(at is not None and anchor.oldest <= at <= anchor.newest for at in witnesses.values())
            findings.add("quorum", path, met=met, known=len(witnesses))
    return Standing(frozenset(by), witnesses)


def open_kept(kept: Kept, keys: list[Verifier], findings: Findings) -> Checkpoint | None:
    """The head kept by the caller, when one of these keys signed it; else None and a finding."""
    try:
        return checkpoint_of(open_note(kept.note, keys))
    except LedgerError:
        findings.add("old-malformed", PATH)
        return None


def _has_quorum(head: Head, anchor: Anchor) -> bool:
    message = head.checkpoint.text.encode()
    known = {(key.name, key.id): key for key in witness_keys(anchor.policy)}
    times = {
        key: int.from_bytes(line.signature[:8], "big")
        for line in split_note(head.note)[1]
        if (key := known.get((line.name, line.id))) and key.verifies(message, line.signature)
    }
    return anchor.quorum(times) is not False


def _own(policy: str | None) -> Policy | None:
    try:
        return parse_policy(policy.encode()) if policy is not None else None
    except (MalformedError, UnicodeEncodeError):
        return None  # said where the log's key records are read


def _witnesses(policy: Policy | None, times: dict[CosignatureVerifier, int]) -> dict[str, int | None]:
    known = policy.witnesses if policy else ()
    return {witness.name: times.get(witness.key) if witness.key else None for witness in known}
