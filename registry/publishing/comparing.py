"""Heads that others hold, against what this host has signed."""

from collections.abc import Iterable

from registry.ledger.checkpoints import Checkpoint
from registry.ledger.errors import LedgerError, MalformedError
from registry.ledger.keys import Verifier, parse_vkey
from registry.ledger.proofs import frontier_at
from registry.ledger.signers import LogSigner
from registry.publishing.receipts import proved
from registry.storage.engines import Transaction
from registry.storage.heads import latest_signed
from registry.storage.logs import Log, keys_of


async def holds(tx: Transaction, log: Log, head: Checkpoint) -> bool:
    """Whether what was signed here begins with that head: its root is computed again from the stored hashes."""
    signed = await latest_signed(tx, log)
    if signed is None or head.size > signed.size:
        return head.size == 0
    try:
        root, own = await proved(
            tx,
            log,
            signed.size,
            lambda read: (frontier_at(head.size, read).root(), frontier_at(signed.size, read).root()),
        )
    except LedgerError:  # hashes are missing
        return False
    return own == signed.root and root == head.root


async def signed_size(tx: Transaction, log: Log) -> int:
    """How many records the last signed head covers."""
    signed = await latest_signed(tx, log)
    return signed.size if signed else 0


async def log_keys(tx: Transaction, log: Log, log_signer: LogSigner) -> list[Verifier]:
    """Every key that signed heads of the log: those in use and those it named before."""
    return _unique([*(s.vkey for s in log_signer.signers(log.origin)), *await keys_of(tx, log, "log")])


def _unique(vkeys: Iterable[str]) -> list[Verifier]:
    found = []
    for vkey in dict.fromkeys(vkeys):
        try:
            found.append(parse_vkey(vkey))
        except MalformedError:
            continue
    return found
