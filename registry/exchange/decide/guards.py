"""Guards shared by the rules: who may act, on which version, and which findings close the gate."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec.structs import replace

from registry.conformity import Finding, check_request, check_transition, message, pending
from registry.exchange.acts import Act
from registry.exchange.changes import without_paths
from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.file import Document, File, as_document
from registry.refusals import Detail, Erased, Forbidden, GateClosed, NotSeparated, Refusal, StaleVersion, WrongState
from schemas import label

Moment = Literal["admission", "study", "opinion", "decision", "activation", "closing"]


class PreconditionRequired(Refusal):
    """A judging act must say which version of the document it is about."""

    slug, status, title = "precondition-required", 428, "Version à préciser"


def sides(file: File, context: Context) -> set[str]:
    """The sides of the exchange for which the actor's party stands today (its predecessors' included)."""
    today, convention = context.today, context.convention

    def stands(party: str) -> bool:
        return bool(party) and convention.stands_for(party, today) == context.actor.party

    found = {
        name
        for name, party in (
            ("requester", file.requester),
            ("holder", file.holder),
            ("initiator", file.initiated_by),
            ("studying", file.studying_party),
        )
        if stands(party)
    }
    return found | {"controller"} if any(stands(party) for party in file.controllers) else found


def party_exists(context: Context) -> None:
    """Refuse an act for a party that is not, or no longer, a legal person on the server's day."""
    if not context.convention.exists(context.actor.party, context.today):
        party = context.convention.party(context.actor.party)
        name = party["name"] if party else context.actor.party
        raise Forbidden(f"La partie « {name} » n'existe pas à cette date : son successeur agit à sa place.")


def authorise(file: File, act: Act, context: Context) -> None:
    """Refuse with 403 when party or role do not give the act, then with 409 when the state does not allow it or the
    exchange was erased (erasing it again does nothing, and is no error)."""
    party_exists(context)
    if not sides(file, context) & set(act.sides):
        raise Forbidden(f"« {act.label} » n'appartient pas à votre partie dans cet échange.")
    if not context.actor.roles & set(act.roles):
        needed = ", ".join(label("role", role) for role in act.roles)
        raise Forbidden(f"« {act.label} » demande l'une de ces fonctions : {needed}.")
    if file.erased_on is not None and act.name != "erasure":
        raise Erased(f"Ce dossier a été effacé le {file.erased_on:%d/%m/%Y} : plus aucun acte n'y est possible.")
    if file.state not in act.states:
        raise WrongState(f"« {act.label} » n'est pas possible à l'état « {label('state', file.state)} ».")


def gives(file: File, act: Act, context: Context, mine: set[str]) -> bool:
    """Whether party, roles and state give the act, as `authorise` says it; `mine` are the actor's sides. It is for
    whoever asks of every act."""
    return not mine.isdisjoint(act.sides) and not context.actor.roles.isdisjoint(act.roles) and file.state in act.states


def named_version(act: Act, command: Command) -> None:
    """Refuse with 428 a judging act that does not say which version it is about."""
    if act.judges_version and command.version is None:
        raise PreconditionRequired(
            "Précisez la version du document sur laquelle vous agissez (en-tête If-Match, valeur de l'ETag)."
        )


def current_version(file: File, command: Command) -> None:
    """Refuse with 412 an act on another version than the current one."""
    if command.version is not None and command.version != file.version:
        raise StaleVersion(
            f"Vous agissez sur la version {command.version} ; la version en vigueur est la {file.version}. "
            "Relisez-la avant de recommencer."
        )


def not_asking(file: File, account: str | None, deed: str) -> None:
    """Refuse to let who asks also judge: who began, wrote or filed the request (invariant 2)."""
    if account is not None and account in file.asking:
        raise NotSeparated(f"La personne qui a rédigé ou déposé la demande ne peut pas {deed}.")


class DeviceSignatureRequired(Refusal):
    """The party asks that this act be signed on its author's own device."""

    slug, status, title = "device-signature-required", 403, "Signature sur l'appareil demandée"


def device_signed(act: Act, command: Command, context: Context) -> None:
    """Refuse an act without the device signature that the actor's party requires, or with one that it does not take."""
    if not act.signable:
        return
    policy = context.convention.device_policy(context.actor.party)
    if policy == "required" and command.device is None:
        raise DeviceSignatureRequired(
            f"Votre partie exige que « {act.label} » soit signé avec la clé d'accès de son auteur."
        )
    if policy == "none" and command.device is not None:
        raise Forbidden("Votre partie n'admet pas la signature sur l'appareil.")


def is_delegated(context: Context, party: str) -> str | None:
    """How the actor decides for `party`: None as controller, else the reference of its delegation in force today.

    Raises Forbidden when it holds neither (catalogue, ROL-09).
    """
    if "controller" in context.actor.roles:
        return None
    delegation = context.convention.delegation(context.actor.party, context.actor.id, context.today)
    if delegation is None:
        raise Forbidden("Aucune délégation de signature en vigueur ce jour ne vous permet cet acte.")
    return str(delegation["id"])


def is_dpo_in_office(file: File, context: Context) -> bool:
    """Whether the actor is the holder's DPO in office today."""
    return context.actor.id in context.convention.dpos(file.holder, context.today)


def blocking_findings(file: File, context: Context, *, activation: bool = False) -> list[Finding]:
    """Request-phase blocking findings of the current version, less excluded lines and what was overridden."""
    document = as_document(file)
    if file.decision is not None:
        document["request"] = without_paths(file.request, file.decision.excluded_paths)
    found = check_request(document, context.convention.document, context.today, activation=activation)
    return [f for f in not_overridden(file, found) if f.blocks]


def not_overridden(file: File, findings: Iterable[Finding]) -> list[Finding]:
    """Findings less those that the decision-maker passed, with reasons, on the current version."""
    passed = {o.check for o in file.overrides if o.version == file.version}
    return [f for f in findings if f.id not in passed]


def frozen(findings: Iterable[Finding]) -> list[Document]:
    """Findings as an event keeps them: facts only, their sentences are rendered from the catalogue."""
    return [{"id": f.id, "severity": f.severity, "pointers": list(f.pointers), "subject": f.subject} for f in findings]


def open_stages(file: File) -> list[str]:
    """Ids of the checks that do not speak yet, for want of answers of a later stage."""
    return list(pending(as_document(file)))


def transition(
    moment: Moment, file: File, context: Context, registers: Mapping[str, Document | None] | None = None
) -> list[Finding]:
    """Findings of the checks of a transition, on the file as it would be once the act is recorded."""
    document = as_document(file)
    holder = context.convention.party(context.convention.stands_for(file.holder, context.today)) or {}
    document["delegations"] = holder.get("delegations", [])
    return check_transition(
        moment,
        document,
        context.convention.document,
        context.today,
        people=context.people,
        registers=registers or {},
    )


def refuse_blocking(sentence: str, findings: Iterable[Finding]) -> None:
    """Raise `GateClosed` when a finding blocks, naming each of them."""
    blocking = [f for f in findings if f.blocks]
    if blocking:
        raise GateClosed(sentence, [as_detail(f) for f in blocking])


def as_detail(finding: Finding) -> Detail:
    """A finding as one point of a problem's `errors`."""
    pointer = finding.pointers[0] if finding.pointers else ""
    return Detail(pointer=pointer, message=message(finding), check=finding.id)


def proposed(file: File, **changes: Any) -> File:
    """The file as the act would leave it, for the checks to read."""
    return replace(file, **changes)
