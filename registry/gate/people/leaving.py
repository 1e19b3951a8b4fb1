"""Erasing one's own account: what stands in the way is said, what stays of it too."""

from dataclasses import dataclass, field

from registry.gate.erasure import erase_person
from registry.gate.people.entering import parties_of
from registry.gate.people.own import trusted
from registry.gate.session import Session
from registry.refusals import Refusal
from registry.storage.accounts import emails, held_roles
from registry.storage.conventions import convention_ids
from schemas import label

_WHY = {"scope": "object", "legal_basis": "article_17_1_a", "reason": "data_subject_request"}
_IN_OFFICE = ("controller", "delegate", "dpo")
"""Functions that other people's acts rely on: they end by an act of the convention or of an administrator, not by the
disappearance of who holds them."""


class StillInOffice(Refusal):
    """The account holds what somebody else must take over first."""

    slug, status, title = "still-in-office", 409, "Fonction à transmettre d'abord"


class NotTheAddress(Refusal):
    """The confirmation is not the account's own address."""

    slug, status, title = "not-confirmed", 422, "Confirmation attendue"


@dataclass(frozen=True)
class Leaving:
    """What stands in the way of erasing an account, in sentences; and the functions that would go with it, by party."""

    obstacles: list[str] = field(default_factory=list)
    roles: dict[str, list[str]] = field(default_factory=dict)


async def leaving(session: Session, account: str) -> Leaving:
    """What the account's owner is told before they erase it."""
    roles = await parties_of(session, account)
    obstacles = [sentence for party in roles for sentence in await _obstacles(session, account, party, roles[party])]
    return Leaving(obstacles, roles)


async def _obstacles(session: Session, account: str, party: str, roles: list[str]) -> list[str]:
    name = await _name(session, party)
    found = [
        f"Vous êtes « {label('role', role)} » de {name} : cette fonction doit d'abord être transmise, ou prendre fin "
        "par un acte daté."
        for role in _IN_OFFICE
        if role in roles
    ]
    if "administrator" in roles and not await _others(session, account, party):
        found.append(f"Vous êtes le dernier administrateur de {name} : invitez-en d'abord un autre.")
    return found


async def _others(session: Session, account: str, party: str) -> bool:
    """Whether somebody else administers the party today."""
    day = session.today.isoformat()
    return any(
        held.role == "administrator" and held.account != account and held.valid_from <= day
        and (held.valid_until is None or held.valid_until >= day)
        for held in await held_roles(session.tx, party=party)
    )  # fmt: skip


async def _name(session: Session, party: str) -> str:
    for convention_id in await convention_ids(session.tx):
        loaded = await session.conventions.load(session.tx, convention_id)
        found = loaded.convention.party(party) if loaded is not None else None
        if found is not None:
            return str(found["name"])
    return party


async def erase_own(session: Session, hashed: bytes, typed: str) -> None:
    """Erase the account behind an open session, whose owner typed its address to confirm. Raises NotTheAddress,
    StillInOffice; ConfirmationRequired when they did not prove who they are lately.

    Acts and proofs stay, under pseudonyms that name nobody any more.
    """
    browser = await trusted(session, hashed)
    address = (await emails(session.tx, [browser.account]))[browser.account]
    if typed.strip().lower() != address:
        raise NotTheAddress("Tapez l'adresse de votre compte pour confirmer son effacement.")
    told = await leaving(session, browser.account)
    if told.obstacles:
        raise StillInOffice(" ".join(told.obstacles))
    await erase_person(session, browser.account, _WHY)
