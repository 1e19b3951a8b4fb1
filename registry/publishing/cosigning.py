"""Taking in witnesses' lines, whoever brings them: each is verified against the policy's keys and a stored head."""

from collections.abc import Sequence

from registry.ledger.checkpoints import Checkpoint
from registry.ledger.cosignatures import CosignatureVerifier, verify_lines
from registry.ledger.errors import MalformedError
from registry.ledger.policy import Policy
from registry.storage.engines import Transaction
from registry.storage.heads import Line, Signed, keep_line
from registry.storage.logs import Log

AHEAD = 300
"""Seconds by which a witness's clock may be ahead of the host's."""
_TIME_BYTES = 8


def witness_keys(policy: Policy | None) -> list[CosignatureVerifier]:
    """The keys of a policy's witnesses that can be checked here."""
    return [witness.key for witness in policy.witnesses if witness.key] if policy else []


def checked_lines(body: bytes, log: Log, signed: Signed, policy: Policy | None, now: int) -> list[Line]:
    """The known witnesses' lines over a head; lines of others are left out.

    Raises LedgerError: no line of a known witness, a wrong one, or one from the future (`now`: POSIX seconds).
    """
    head = Checkpoint(log.origin, signed.size, signed.root)
    lines = []
    for line in verify_lines(body, head, witness_keys(policy)):
        time = int.from_bytes(line.signature[:_TIME_BYTES], "big")
        if time > now + AHEAD:
            raise MalformedError(f"the cosignature of {line.name} is dated in the future")
        lines.append(Line(line.name, time, line.text.encode()))
    return lines


async def keep_lines(tx: Transaction, log: Log, signed: Signed, lines: Sequence[Line]) -> None:
    """Keep verified lines over a head."""
    for line in lines:
        await keep_line(tx, log, signed.size, line)
