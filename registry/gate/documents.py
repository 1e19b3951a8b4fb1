"""What the documents of an exchange read; and the public list of a convention's exchanges."""

from typing import Any

from registry.convention import Convention
from registry.documents import Dossier
from registry.documents.public_list import LISTED, public_list
from registry.gate.exchanges import load_request
from registry.gate.findings import checked
from registry.gate.reading import require_reader
from registry.gate.session import Session
from registry.refusals import NotFound
from registry.storage.conventions import load_convention
from registry.storage.engines import Transaction
from registry.storage.exchanges import files_after, files_in


async def dossier_of(session: Session, request_id: str) -> Dossier:
    """An exchange as its documents read it, for those of its parties who may."""
    require_reader(session)
    loaded = await load_request(session, request_id)
    convention = await session.convention_of(loaded)
    findings = [str(found["message"]) for found in checked(loaded.file, convention, session.today).findings]
    return Dossier(loaded.file, convention, findings, session.actor.party, session.now, session.today)


async def listed_page(
    tx: Transaction, convention_id: str, after: str, limit: int
) -> tuple[str, list[dict[str, Any]], bool]:
    """The convention's title, at most `limit` lines of its public list after a reference, and whether more follow.

    Raises NotFound.
    """
    loaded = await load_convention(tx, convention_id)
    if loaded is None:
        raise NotFound("Cette convention n'existe pas.")
    files = await files_after(tx, convention_id, LISTED, after, limit + 1)
    return _title(loaded.convention), public_list(loaded.convention, files[:limit]), len(files) > limit


def _title(convention: Convention) -> str:
    return f"{convention.document['title']} — {convention.document['short_name']}"


async def listed_exchanges(tx: Transaction, convention_id: str) -> tuple[str, list[dict[str, Any]]]:
    """The convention's title and its public list. Raises NotFound."""
    loaded = await load_convention(tx, convention_id)
    if loaded is None:
        raise NotFound("Cette convention n'existe pas.")
    convention = loaded.convention
    parties = [str(party["id"]) for party in convention.parties()]
    files = await files_in(tx, convention_id, parties, LISTED)
    return _title(convention), public_list(convention, files)
