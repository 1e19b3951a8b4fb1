"""Écluse in the registers of its own parties: drafted at installation, or when a records manager asks."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.convention import Convention
from registry.exchange.file import Document
from registry.gate.gate import Answer
from registry.gate.registers import create_draft, require_manager
from registry.gate.session import Session
from registry.processing.own_record import REFERENCES, controller_record, processor_record
from registry.refusals import AlreadyDone, NotFound
from registry.storage.accounts_sessions import ABSOLUTE
from registry.storage.conventions import convention_ids
from registry.storage.register import StoredEntry, find_reference
from registry.storage.retention import Periods


async def add_own_record(
    session: Session, party: str, periods: Periods, host: str | None = None
) -> Answer[StoredEntry]:
    """The draft of Écluse's record in the party's register of processing activities; when the party is itself the
    `host`, also the one of its processor's register. Raises NotFound; AlreadyDone when every one is there."""
    require_manager(session, party)
    convention = await _convention(session, party)
    about = convention.party(party) or {}
    records = {"controller": controller_record(about, _name(convention, host), _limits(periods))}
    if host == party:
        records["processor"] = processor_record(about, _alive(convention, session))
    made = [await _draft(session, party, kind, record) for kind, record in records.items()]
    added = [stored for stored in made if stored is not None]
    if not added:
        raise AlreadyDone("La fiche d'Écluse est déjà dans votre registre.")
    return Answer(added[0], 201, f"/api/v1/parties/{party}/register/entries/{added[0].entry.id}")


async def has_own_record(session: Session, party: str) -> bool:
    """Whether the party's register holds Écluse's record."""
    return await find_reference(session.tx, REFERENCES["controller"], [party]) is not None


async def _draft(session: Session, party: str, kind: str, record: Document) -> StoredEntry | None:
    if await find_reference(session.tx, REFERENCES[kind], [party]) is not None:
        return None
    return await create_draft(session, party, kind, {**record, "created_on": session.today.isoformat()})


async def _convention(session: Session, party: str) -> Convention:
    for convention_id in reversed(await convention_ids(session.tx)):
        loaded = await session.conventions.load(session.tx, convention_id)
        if loaded is not None and loaded.convention.party(party) is not None:
            return loaded.convention
    raise NotFound("Ce registre n'existe pas.")


def _name(convention: Convention, party: str | None) -> str | None:
    found = convention.party(party) if party is not None else None
    return str(found["name"]) if found is not None else None


def _alive(convention: Convention, session: Session) -> Sequence[Mapping[str, Any]]:
    return [party for party in convention.parties() if convention.exists(party["id"], session.today)]


def _limits(periods: Periods) -> list[Document]:
    hours = int(ABSOLUTE.total_seconds() // 3600)
    return [
        _limit("Dossiers d'échange et leurs enregistrements", periods.trail * 12, "fin de l'échange", "sorting"),
        _limit("Comptes", periods.accounts // 30, "fermeture du compte", "destruction"),
        _limit("Brouillons", periods.drafts // 30, "dernier enregistrement", "destruction"),
        _limit("Courriels et avis", max(periods.mails // 30, 1), "envoi", "destruction"),
        {**_limit("Sessions", None, "connexion", "destruction"), "criterion": f"{hours} heures au plus"},
    ]


def _limit(category: str, months: int | None, starts_at: str, outcome: str) -> Document:
    return {"category": category, "months": months, "criterion": None, "starts_at": starts_at, "final_outcome": outcome}
