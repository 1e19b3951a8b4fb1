"""Acts on conventions: loading one at installation, amendments, successions, designations and delegations."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from registry.clock import paris_day
from registry.conformity.terms import add_months, in_force_until
from registry.convention import Convention
from registry.convention_acts import decide, evolve, loaded, map_persons, persons
from registry.convention_alerts import TERM_MONTHS, Alert, alerts
from registry.convention_command import ConventionCommand
from registry.exchange.context import Actor
from registry.gate.gate import Answer
from registry.gate.session import Session, new_id
from registry.gate.stopping import stop_exchanges
from registry.ledger.signers import Recorder
from registry.refusals import AlreadyDone, NotFound
from registry.storage.accounts import account_for, carry_roles, emails, end_parties, grant
from registry.storage.conventions import Conventions, convention_ids, load_convention, save_convention
from registry.storage.engines import Transaction
from registry.storage.events import SYSTEM
from registry.storage.exchanges import hand_over
from registry.storage.findings import active_count
from registry.storage.reviews import hand_over_reviews
from registry.storage.vault import Vault

Document = dict[str, Any]
CARRIED = (
    "requester", "business_referent", "it_security", "compliance_referent", "records_manager", "administrator",
    "secretariat", "steering_committee",
)  # fmt: skip
"""Functions that people keep when their party is succeeded. Those who bind a legal person are designated anew: a
controller, its delegates, its DPO; an auditor was named by a party that is no more."""


async def load_document(
    tx: Transaction, document: Document, now: datetime, vault: Vault, recorder: Recorder
) -> Convention:
    """Record a convention from its valid document; the DPOs it designates get an account with the role `dpo` for the
    time of their designation. Raises AlreadyDone when the convention is known."""
    if await load_convention(tx, document["id"]) is not None:
        raise AlreadyDone(f"La convention « {document['id']} » est déjà enregistrée.")
    today = paris_day(now)
    accounts = {person: await account_for(tx, person, now) for person in sorted(persons(document))}
    await _grant_designated(tx, document, accounts)
    session = Session(tx, Actor(SYSTEM, "", frozenset()), now, today, vault, recorder, Conventions())
    object_id = new_id()
    key = await session.new_object(object_id)
    event = loaded(map_persons(document, accounts.__getitem__), SYSTEM, today)
    _, committed = await session.append(document["id"], object_id, 1, "convention", "convention", event, key)
    convention = evolve(None, committed)
    await save_convention(tx, convention, object_id, 1)
    return convention


async def _grant_designated(tx: Transaction, document: Document, accounts: dict[str, str]) -> None:
    for party in document["parties"]:
        for designation in party.get("dpo_designations", []):
            until = designation.get("until")
            begins, ends = date.fromisoformat(designation["from"]), date.fromisoformat(until) if until else None
            await grant(tx, accounts[designation["person"]], party["id"], ["dpo"], begins, ends)


async def act(session: Session, convention_id: str, command: ConventionCommand) -> Answer[Convention]:
    """One act on a convention, with its consequences: an account for who is named, files for who succeeds."""
    session.require_confirmation()
    found = await session.convention(convention_id, for_update=True)
    command = await _with_person(session, found.convention, command)
    event = decide(found.convention, command, session.actor, session.today, new_id)
    key, revision = await session.key_of(found.object), found.revision + 1
    _, committed = await session.append(convention_id, found.object, revision, "convention", command.act, event, key)
    after = evolve(found.convention, committed)
    await save_convention(session.tx, after, found.object, revision)
    await _consequences(session, found.convention, command)
    if command.act == "termination":
        await stop_exchanges(session, after)
    return Answer(after, 201, f"/api/v1/conventions/{convention_id}")


async def _with_person(session: Session, convention: Convention, command: ConventionCommand) -> ConventionCommand:
    """The command with the persons it names as account ids: an address lives in its account and dies there."""
    if command.act == "succession":
        return await _with_successor(session, convention, command)
    key = next((key for key in ("person", "user") if key in command.body), None)
    if key is None:
        return command
    person = await account_for(session.tx, command.body[key], session.now)
    return replace(command, person=person, body={**command.body, key: person})


async def _with_successor(session: Session, convention: Convention, command: ConventionCommand) -> ConventionCommand:
    """Also grants their function to the successor's DPOs: those that the act designates for a party it brings in, those
    that the convention knows of any other."""
    named = {"parties": [command.body["successor"]]}
    accounts = {person: await account_for(session.tx, person, session.now) for person in sorted(persons(named))}
    known = convention.party(command.body["successor"]["id"])
    if known is None:
        await _grant_designated(session.tx, named, accounts)
    else:
        recorded = {"parties": [known]}
        await _grant_designated(session.tx, recorded, {person: person for person in persons(recorded)})
    (successor,) = map_persons(named, accounts.__getitem__)["parties"]
    return replace(command, body={**command.body, "successor": successor})


async def _consequences(session: Session, convention: Convention, command: ConventionCommand) -> None:
    """`convention`: as it was before the act. Who administered a predecessor does not administer a party that lived
    before: it has its own administrators."""
    body, party = command.body, session.actor.party
    if command.act == "succession":
        successor, since = body["successor"]["id"], date.fromisoformat(body["effective_on"])
        await hand_over(session.tx, body["predecessors"], successor)
        await hand_over_reviews(session.tx, body["predecessors"], successor)
        eve = since - timedelta(days=1)
        lives = convention.exists(successor, eve)
        roles = [role for role in CARRIED if role != "administrator" or not lives]
        await carry_roles(session.tx, body["predecessors"], successor, roles, since)
        await end_parties(session.tx, body["predecessors"], eve)
    elif command.person is not None:
        role, begins = ("dpo", body["from"]) if command.act == "dpo_designation" else ("delegate", body["valid_from"])
        ends = body.get("until") or body.get("valid_until")
        await grant(
            session.tx, command.person, party, [role], date.fromisoformat(begins),
            date.fromisoformat(ends) if ends else None,
        )  # fmt: skip


async def convention_of_party(session: Session, party: str) -> str:
    """The convention through which a party records its designations: the latest one that knows it."""
    for convention_id in reversed(await convention_ids(session.tx)):
        found = await session.conventions.load(session.tx, convention_id)
        if found is not None and found.convention.party(party) is not None:
            return convention_id
    raise NotFound("Cette partie n'existe pas.")


async def read_convention(session: Session, convention_id: str) -> Convention:
    """The convention, for those who may read it. Raises NotFound or Forbidden."""
    found = await session.convention(convention_id)
    session.require("convention.read")
    return found.convention


async def alerts_of(session: Session, convention: Convention) -> list[Alert]:
    """What the convention's calendar says today. The exchanges that depend on it are counted only once its term is
    near: nothing else names them."""
    near = in_force_until(convention.document) <= add_months(session.today, max(TERM_MONTHS))
    active = await active_count(session.tx, convention.id) if near else 0
    return alerts(convention, session.today, active)


async def shown(session: Session, convention: Convention) -> Document:
    """The convention as its parties read it: persons by e-mail address (« effacé » once their account is gone),
    with its status and last day in force as of today."""
    addresses = await emails(session.tx, persons(convention.document))
    return map_persons(convention.document, lambda person: addresses.get(person, "effacé"))
