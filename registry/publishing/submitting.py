"""What a host says to one witness it can reach (C2SP tlog-witness): its heads, and « what do you hold of me? ».

A witness that holds what this host's database does not means that the database is behind or another history: signing on
would show everybody a fork, so it is refused.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from registry.ledger.checkpoints import Checkpoint, open_checkpoint
from registry.ledger.cosignatures import CosignatureVerifier
from registry.ledger.errors import LedgerError
from registry.ledger.policy import Policy
from registry.ledger.proofs import consistency_proof
from registry.ledger.signers import LogSigner
from registry.ledger.witness_protocol import encode_add_checkpoint, parse_size
from registry.publishing.comparing import holds, log_keys, signed_size
from registry.publishing.cosigning import checked_lines, keep_lines
from registry.publishing.guard import SigningRefused
from registry.publishing.receipts import proved
from registry.publishing.serving import shown_head
from registry.storage.engines import Engine, Transaction
from registry.storage.heads import Signed, last_line
from registry.storage.logs import Log

Ask = Callable[[str, bytes | None, str, float], Awaitable[tuple[int, bytes]]]
"""`ask(url, body, content type, seconds)`: status and body of a POST, or of a GET without body. Raises OSError."""
TIMEOUT = 1.0
"""Seconds a witness is given for an answer."""
_TEXT = "text/plain; charset=utf-8"
_TURNS = 3
"""Attempts at one head, each from the size the witness last said."""


class Uncosigned(Exception):
    """The witness did not cosign, this time; the message is for the host's log."""


@dataclass(frozen=True)
class Target:
    """A witness of a policy that can be reached."""

    key: CosignatureVerifier
    url: str


def targets_of(policy: Policy | None) -> list[Target]:
    """The policy's witnesses that have an address and a key that can be checked here."""
    witnesses = policy.witnesses if policy else ()
    return [Target(w.key, w.url.rstrip("/")) for w in witnesses if w.key and w.url]


class Submitter:
    """Speaks to witnesses, one request at a time for each call."""

    def __init__(self, engine: Engine, log_signer: LogSigner, ask: Ask) -> None:
        self._engine = engine
        self._log_signer = log_signer
        self._ask = ask

    async def submit(self, log: Log, target: Target, policy: Policy, now: int) -> None:
        """Have the newest shown head cosigned and keep the line (`now`: POSIX seconds).

        `old` is the size the witness last cosigned here; an answer 409 corrects it.
        Raises Uncosigned, OSError, or SigningRefused when the witness holds another history, or more of it.
        """
        old: int | None = None
        for _ in range(_TURNS):
            signed, old, body = await self._engine.read(lambda tx, old=old: _request(tx, log, target, old))  # type: ignore[misc]
            status, answer = await self._ask(f"{target.url}/add-checkpoint", body, _TEXT, TIMEOUT)
            if status == 200:
                await self._keep(log, signed, policy, answer, now)
                return
            if status not in {409, 422}:
                raise Uncosigned(f"answer {status}")
            known = _size(answer) if status == 409 else None
            if known is None or known == old or known > await self._engine.read(lambda tx: signed_size(tx, log)):
                await self._require_same_history(log, target, believed=status == 422 or known is not None)
            old = known
        raise Uncosigned("its size changes at every answer")

    async def stored(self, log: Log, target: Target) -> tuple[Checkpoint, bytes] | None:
        """The head a witness holds of the log, signed by this host, and its note; None when it has none.

        Raises OSError.
        """
        name = hashlib.sha256(log.origin.encode()).hexdigest()
        status, note = await self._ask(f"{target.url}/{name}/checkpoint", None, _TEXT, TIMEOUT)
        if status != 200:
            return None
        keys = await self._engine.read(lambda tx: log_keys(tx, log, self._log_signer))
        try:
            return open_checkpoint(note, keys), note
        except LedgerError:
            return None

    async def require_held(self, log: Log, target: Target, head: Checkpoint) -> None:
        """Raises SigningRefused when what is signed here does not begin with the witness's head."""
        if not await self._engine.read(lambda tx: holds(tx, log, head)):
            size = await self._engine.read(lambda tx: signed_size(tx, log))
            raise SigningRefused(_contradicted(log.origin, target.key.name, size, head.size))

    async def _keep(self, log: Log, signed: Signed, policy: Policy, answer: bytes, now: int) -> None:
        try:
            lines = checked_lines(answer, log, signed, policy, now)
        except LedgerError as error:
            raise Uncosigned(f"its line is refused: {error}") from error
        await self._engine.transact(lambda tx: keep_lines(tx, log, signed, lines))

    async def _require_same_history(self, log: Log, target: Target, *, believed: bool) -> None:
        """A witness refused this history. What it holds, signed by this host, decides; `believed` without it.

        Raises SigningRefused, or Uncosigned when its own head shows that it is wrong.
        """
        try:
            stored = await self.stored(log, target)
        except OSError:
            stored = None
        if stored is None and not believed:
            raise Uncosigned("it says neither its size nor its head")
        if stored is None:
            size = await self._engine.read(lambda tx: signed_size(tx, log))
            raise SigningRefused(_contradicted(log.origin, target.key.name, size, None))
        await self.require_held(log, target, stored[0])
        raise Uncosigned("it refuses what extends the head it holds")


async def _request(tx: Transaction, log: Log, target: Target, old: int | None) -> tuple[Signed, int, bytes]:
    """The newest shown head, the size to start from, and the request's body."""
    signed = await shown_head(tx, log)
    if signed is None:
        raise Uncosigned("nothing is shown yet")
    if old is None:
        last = await last_line(tx, log, target.key.name)
        old = last[0] if last else 0
    start = old
    if start > signed.size:
        raise Uncosigned("it is ahead of what is shown")
    proof = await proved(tx, log, signed.size, lambda read: consistency_proof(start, signed.size, read))
    return signed, start, encode_add_checkpoint(start, proof, signed.note)


def _size(answer: bytes) -> int | None:
    """The size in an answer 409; None when it has none, which is how some say « another root of that size »."""
    try:
        return parse_size(answer)
    except LedgerError:
        return None


def _contradicted(origin: str, witness: str, stored: int, known: int | None) -> str:
    """The sentence for a database that a witness contradicts."""
    what = f" ({known} enregistrements)" if known is not None else ""
    return (
        f"Le témoin {witness} a cosigné une tête du journal {origin}{what} que la base, signée jusqu'à {stored}, ne "
        "prolonge pas : elle a été restaurée ou vient d'une réplique en retard. Rien n'est signé. Remettez en place la "
        "base la plus récente ; si elle est perdue, « ecluse ledger reopen » ouvre un nouveau journal qui cite la "
        "dernière tête connue. Si c'est le témoin qui se trompe, retirez-le de la politique (« ecluse ledger policy »)."
    )
