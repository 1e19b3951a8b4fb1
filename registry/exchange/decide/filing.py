"""Drafting and filing: a draft may hold anything its schema allows; a filing freezes what the checks found."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from registry.authorisation import require
from registry.conformity import Finding, check_request, rules_of
from registry.conformity import proposed as completed
from registry.exchange.awaited import ANSWERERS
from registry.exchange.changes import changed_paths, stages_of
from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import as_detail, frozen, party_exists, sides
from registry.exchange.events import Event
from registry.exchange.file import Document, File, as_document
from registry.refusals import Detail, Forbidden, GateClosed, Invalid


def create(request: Document, context: Context, file_id: str, reference: str) -> Event:
    """The creation of a draft by the requesting party, or by the holder that asks the other to receive its data.

    Raises Forbidden or Invalid when the request is not the actor's party's, or names an unknown party.
    """
    party_exists(context)
    require(context.actor.roles, "exchange.create")
    document = _completed({**request, "reference": reference}, context)
    facts = {
        "id": file_id,
        "convention": context.convention.id,
        "reference": reference,
        **sides_of(document, context, context.actor.party),
    }
    command = Command(act="creation", body=document)
    return command.event(context, **facts)


def _completed(request: Document, context: Context) -> Document:
    """The request with its derived keys proposed by their rules, the requester taken from the account."""
    if not request.get("requester") and request.get("holder") != context.actor.party:
        request = {**request, "requester": context.actor.party}
    return dict(completed(request, context.convention.document))


def sides_of(request: Document, context: Context, initiator: str) -> dict[str, Any]:
    """Requester, holder, initiator, studying party and controllers of a document (article 7, reading 7.5)."""
    requester, holder = request.get("requester") or "", request.get("holder") or ""
    _known_parties({"requester": requester, "holder": holder}, context)
    if context.convention.stands_for(initiator, context.today) not in {
        context.convention.stands_for(party, context.today) for party in (requester, holder) if party
    }:
        raise Forbidden("Vous ne pouvez déposer que pour votre propre partie, comme demandeur ou comme détenteur.")
    by_holder = initiator == holder and requester != holder
    return {
        "requester": requester,
        "holder": holder,
        "initiated_by": initiator,
        "studying_party": requester if by_holder else holder,
        "controllers": list(dict.fromkeys(party for party in (holder, requester) if party)),
    }


def _known_parties(parties: Mapping[str, str], context: Context) -> None:
    unknown = {key: party for key, party in parties.items() if party and context.convention.party(party) is None}
    if unknown:
        raise Invalid(
            "La demande cite une partie que la convention ne connaît pas.",
            [
                Detail(pointer=f"/{key}", message=f"Partie inconnue de la convention : « {party} ».")
                for key, party in unknown.items()
            ],
        )


def save(file: File, command: Command, context: Context) -> list[Event]:
    """A new version of the document (or the same one, when only a stage is declared answered).

    In draft the initiator's people may change anything; later each may only answer what its stage asks of it.
    """
    request = _completed({**command.body, "reference": file.reference}, context)
    if file.filed_on is not None and not request.get("requested_on"):
        request["requested_on"] = file.request["requested_on"]
    changes = changed_paths(file.request, request)
    _allowed(file, command.target, changes, context)
    draft = file.state == "draft"
    parties = (
        sides_of(request, context, file.initiated_by)
        if draft
        else {
            key: getattr(file, key) for key in ("requester", "holder", "initiated_by", "studying_party", "controllers")
        }
    )
    saved = replace_body(command, request)
    version = file.version + 1 if changes else file.version
    return [saved.event(context, version=version, stage=command.target, paths=changes, **parties)]


def replace_body(command: Command, body: Document) -> Command:
    """The same command with another body."""
    return Command(act=command.act, body=body, version=command.version, target=command.target, facts=command.facts)


def _allowed(file: File, stage: str | None, changes: list[str], context: Context) -> None:
    mine = sides(file, context)
    if file.state == "draft":
        if "initiator" not in mine:
            raise Forbidden("Seule la partie qui rédige la demande peut la modifier avant son dépôt.")
        if (file.modification_of or file.copied_from) and {"requester", "holder"} & set(changes):
            raise Forbidden("Une modification ou une copie garde les parties de la demande dont elle vient.")
    else:
        _within_stage(file, changes, open_stages(file, context))
    if stage is not None and stage not in own_stages(file, context):
        raise Forbidden("Cette étape est renseignée par d'autres : le demandeur, son délégué ou la partie détentrice.")


def own_stages(file: File, context: Context) -> set[str]:
    """The stages whose questions are asked of the actor (vocabulary, « stages »)."""
    mine, roles, own = sides(file, context), context.actor.roles, set()
    if "initiator" in mine and "requester" in roles:
        own.add("filing")
    asked = {"requester_dpo": "requester", "holder": "holder"}
    return own | {stage for stage, side in asked.items() if side in mine and roles & set(ANSWERERS[stage])}


def open_stages(file: File, context: Context) -> set[str]:
    """The stages that the actor may answer now. After filing, its own; all of the requester's while it completes."""
    own = own_stages(file, context)
    if file.state == "draft":
        return own
    if file.state == "awaiting_information" and sides(file, context) & {"initiator", "requester"}:
        return own | {"filing", "requester_dpo"}
    return own - {"filing"}


def _within_stage(file: File, changes: list[str], stages: set[str]) -> None:
    if "requester" in changes or "holder" in changes:
        raise Forbidden("Les parties d'une demande déposée ne changent plus : retirez-la et déposez-en une autre.")
    foreign = [path for path, stage in stages_of(changes) if stage not in stages | {"derived"}]
    if foreign:
        raise Forbidden(
            "Après le dépôt, chacun ne modifie que les rubriques qui lui sont demandées.",
            [
                Detail(pointer="/" + path.replace(".", "/"), message="Rubrique renseignée par d'autres à cette étape.")
                for path in foreign
            ],
        )


def file_request(file: File, command: Command, context: Context) -> list[Event]:
    """Filing. Findings are frozen with the rules' version; only CONV-04's holder = requester (or no addressee)
    refuses it: a bad request must be recordable and refused with reasons."""
    dated = _dated(file, context)
    document = {**as_document(dated), "filed_on": context.today.isoformat(), "stages": [{"stage": "filing"}]}
    document["stages"] += [{"stage": answered.stage} for answered in file.stages]
    findings = check_request(document, context.convention.document, context.today)
    _refuse_same_party(file, findings)
    filed = command.event(
        context,
        version=file.version,
        document_hash=file.document_hash,
        requested_on=dated.request["requested_on"],
        rules_version=rules_of(context.convention.document).version,
        findings=frozen(findings),
    )
    return [filed]


def _dated(file: File, context: Context) -> File:
    """The file with its derived date where nobody gave one: the filing date (vocabulary, `requested_on`)."""
    if file.request.get("requested_on"):
        return file
    return replace(file, request={**file.request, "requested_on": context.today.isoformat()})


def _refuse_same_party(file: File, findings: list[Finding]) -> None:
    if file.requester and file.holder and file.requester != file.holder:
        return
    raise GateClosed(
        "Une demande va d'une partie à une autre : le détenteur et le demandeur doivent être deux parties distinctes.",
        [as_detail(f) for f in findings if f.id == "CONV-04"],
    )
