"""What a party may see of the logs: those of its conventions and its own, receipts and evidence of what it may read."""

from dataclasses import dataclass
from typing import Any

import msgspec

from registry.clock import timestamp
from registry.exchange.file import as_document
from registry.gate.conventions import read_convention
from registry.gate.reading import own_scope, request_view, require_reader
from registry.gate.session import Session
from registry.ledger.errors import LedgerError
from registry.publishing.cosigning import checked_lines, keep_lines
from registry.publishing.evidence import Piece, Subject, enrolments, evidence
from registry.publishing.policies import policy_of
from registry.publishing.receipts import receipt
from registry.publishing.serving import log_of, shown_head
from registry.publishing.standing import Standing, standings_of
from registry.refusals import Detail, Invalid, NotFound
from registry.storage.conventions import convention_ids, load_convention
from registry.storage.events import Recorded, Stored, history, kind_of, recorded
from registry.storage.exchanges import load
from registry.storage.heads import signed_at_size
from registry.storage.logs import Log, every_log
from registry.storage.register import load_entry
from registry.storage.vault import unseal


async def served_log(session: Session, owner: str, segment: str) -> Log:
    """The log of an address, for a caller whose party belongs to its convention, or is its owner (or succeeds it).

    Raises NotFound, whether it exists or not: who reads it learns that acts occurred.
    """
    session.require("ledger.read")
    log = await log_of(session.tx, owner, segment)
    if log is None or owner not in await _owners(session):
        raise NotFound("Ce journal n'existe pas.")
    return log


async def _owners(session: Session) -> set[str]:
    """The owners whose logs the caller's party reads."""
    owners = {session.actor.party}
    for convention_id in await convention_ids(session.tx):
        found = await load_convention(session.tx, convention_id)
        if found is not None and found.convention.party(session.actor.party) is not None:
            owners |= {convention_id, *session.scope(found.convention)}
    return owners


async def cosign(session: Session, log: Log, body: bytes, size: int | None) -> dict[str, Any]:
    """Take in a witness's lines over the newest head, or the one of `size`. Raises Invalid with what is wrong."""
    session.require("ledger.cosign")
    newest = await shown_head(session.tx, log)
    signed = newest if size is None else await signed_at_size(session.tx, log, size)
    if signed is None or newest is None or signed.size > newest.size:
        raise NotFound("Le journal n'a pas de tête de cette taille.")
    policy = await policy_of(session.tx, log.owner)
    try:
        lines = checked_lines(body, log, signed, policy, int(session.now.timestamp()))
    except LedgerError as error:
        raise Invalid(
            "Aucune cosignature valable d'un témoin connu sur cette tête.", [Detail(pointer="", message=str(error))]
        ) from error
    await keep_lines(session.tx, log, signed, lines)
    return {"size": signed.size, "witnesses": sorted(line.witness for line in lines)}


@dataclass(frozen=True)
class Proof:
    """A receipt, or (not `proved`) the signed record alone; `name` begins its file's name."""

    name: str
    content: bytes
    proved: bool


async def receipt_of(session: Session, object_id: str, revision: int) -> Proof:
    """The receipt of a record of an exchange, a register entry, an export, a convention or a log that the caller may
    read."""
    name = await _readable(session, object_id)
    found = await recorded(session.tx, object_id, session.vault.unwrap, revision)
    if not found:
        raise NotFound("Ce reçu n'existe pas.")
    log = (await _logs(session, found))[found[0].log]
    proof = await receipt(session.tx, log, found[0])
    return Proof(f"{name}-{revision}", proof or found[0].record, proof is not None)


async def _readable(session: Session, object_id: str) -> str:
    """The object's name when the caller may read it. Raises NotFound or Forbidden.

    What is another party's and what does not exist get the same answer from the same statements.
    """
    kind, owner = await kind_of(session.tx, object_id) or ("", "")
    if kind in {"convention", "key"}:
        return await _of_everybody(session, kind, object_id)
    require_reader(session)
    exchange = await load(session.tx, object_id, session.actor.party)
    scope = await own_scope(session, session.actor.party)
    entry = await load_entry(session.tx, object_id, scope)
    if exchange is not None:
        return exchange.file.reference
    if entry is not None:
        return entry.entry.reference
    if kind == "export" and owner == session.actor.party:
        return "export"
    raise NotFound("Ce reçu n'existe pas.")


async def _of_everybody(session: Session, kind: str, object_id: str) -> str:
    """The name of a convention, or of the owner of a log, that the caller's party belongs to."""
    for convention_id in await convention_ids(session.tx) if kind == "convention" else []:
        found = await load_convention(session.tx, convention_id)
        if found is not None and found.object == object_id:
            return (await read_convention(session, convention_id)).id
    for log in await every_log(session.tx) if kind == "key" else []:
        if log.id == object_id:
            return (await served_log(session, log.owner, log.segment)).owner
    raise NotFound("Ce reçu n'existe pas.")


async def _logs(session: Session, events: list[Recorded]) -> dict[str, Log]:
    wanted = {event.log for event in events}
    return {log.id: log for log in await every_log(session.tx) if log.id in wanted}


async def standings(session: Session, events: list[Stored]) -> dict[int, Standing]:
    """How far each event has come, by insertion id."""
    logs, wanted = await every_log(session.tx), {stored.log for stored in events}
    come: dict[int, Standing] = {}
    for log in (log for log in logs if log.id in wanted):
        mine = [stored for stored in events if stored.log == log.id]
        policy = await policy_of(session.tx, log.owner, [one for one in logs if one.owner == log.owner])
        found = await standings_of(session.tx, log, [stored.leaf_index for stored in mine], policy)
        come |= {stored.seq: found[stored.leaf_index] for stored in mine}
    return come


@dataclass(frozen=True)
class Pack:
    """A file to keep."""

    name: str
    content: bytes


async def evidence_of(session: Session, request_id: str) -> Pack:
    """The evidence pack of an exchange the caller may read."""
    view = await request_view(session, request_id)
    file = view.file
    acts = await history(session.tx, request_id, session.vault.unwrap)
    proved = await recorded(session.tx, request_id, session.vault.unwrap)
    dossier = msgspec.to_builtins({**as_document(file), "people": view.people})
    pieces = await _pieces(session, request_id, {piece.sha256: piece.file_name for piece in file.attachments})
    keys = await enrolments(session.tx, acts)
    subject = Subject(file.id, file.reference, file.convention, dossier, acts, proved, pieces, keys)
    content = await evidence(session.tx, subject, await _logs(session, [*proved, *keys]), timestamp(session.now))
    return Pack(f"{file.reference}-preuves.zip", content)


async def _pieces(session: Session, request_id: str, names: dict[str, str]) -> list[Piece]:
    rows = await session.tx.rows("SELECT sha256, sealed FROM attachment WHERE object = ? ORDER BY sha256", request_id)
    key = await session.key_of(request_id) if rows else b""
    return [
        Piece(digest, names.get(digest) or "piece", unseal(key, bytes(sealed), f"{request_id}/{digest}"))
        for digest, sealed in rows
    ]
