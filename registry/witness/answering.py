"""What a log asks of a witness: `add-checkpoint` and the head it keeps (C2SP tlog-witness)."""

from dataclasses import dataclass

from registry.ledger.cosignatures import with_cosignatures
from registry.ledger.errors import LedgerError, MalformedError, ProofError, SignatureError, UnknownKeyError
from registry.ledger.notes import split_lines, split_note
from registry.ledger.witness_protocol import SIZE_CONTENT_TYPE, encode_size, parse_add_checkpoint
from registry.witness.errors import Conflict, Fork, Stopped
from registry.witness.evidence import origin_hash
from registry.witness.witness import Witness

_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; `fork` when the request proved one."""

    status: int
    body: bytes = b""
    content_type: str = _TEXT
    fork: Fork | None = None


def add_checkpoint(witness: Witness, body: bytes, now: int) -> Reply:
    """The answer to `POST /add-checkpoint`, the reasons to refuse in the standard's order.

    1. 400 malformed; 2. 404 unknown origin; 3. 403 no known signature, or a wrong one; 4. 400 not a checkpoint, or
    larger old size; 5. 409 another size is kept; 6. 422 wrong proof or root; 7. 200 kept and cosigned. A stopped log
    answers 503. `now`: POSIX seconds.
    """
    try:
        request = parse_add_checkpoint(body)
        origin = split_note(request.checkpoint)[0].split("\n", 1)[0]
    except LedgerError as error:
        return _refusal(400, error)
    log = witness.store.find(origin)
    if log is None or not log.followed:
        return Reply(404, b"unknown log\n")
    try:
        head = witness.opened(log, request.checkpoint)
    except (UnknownKeyError, SignatureError) as error:
        return _refusal(403, error)
    except MalformedError as error:
        return _refusal(400, error)
    if request.old > head.size:
        return Reply(400, b"the old size is larger than the checkpoint's\n")
    try:
        return Reply(200, witness.add(head, request.checkpoint, request.old, request.proof, now))
    except Stopped:
        return Reply(503, b"stopped by a fork\n")
    except Conflict as error:
        return Reply(409, encode_size(error.size), SIZE_CONTENT_TYPE)
    except ProofError as error:
        # the proof came from whoever sent it: only two signed heads of one size show a fork by themselves
        fork = witness.forked(log, head, request.checkpoint, ()) if witness.contradicted(log, head) else None
        return _refusal(422, error, fork)


def kept_head(witness: Witness, name: str) -> Reply:
    """The answer to `GET /<hex SHA-256 of the origin>/checkpoint`: the head kept, with this witness's line."""
    for log in witness.store.logs():
        if origin_hash(log.origin) == name and log.note is not None and log.line is not None:
            return Reply(200, with_cosignatures(log.note, split_lines(log.line.decode())))
    return Reply(404, b"no checkpoint\n")


def _refusal(status: int, error: LedgerError, fork: Fork | None = None) -> Reply:
    return Reply(status, f"{error}\n".encode(), fork=fork)
