"""Recommendations and conditions to their end: done by their owner, lifted by the holder's DPO, or abandoned.

to_do -> in_progress -> done -> accepted_by_dpo        withdrawn_by_dpo: by the DPO, at any moment
^-----------'  (sent back by the DPO)     abandoned_with_reasons: by the decider, at any moment
"""

from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import is_delegated, is_dpo_in_office, sides
from registry.exchange.events import Event
from registry.exchange.file import LIFTED_BY_DPO, File, Recommendation
from registry.refusals import AlreadyDone, Detail, Forbidden, Invalid, NotFound, WrongState

ABANDONED = "abandoned_with_reasons"


def follow(file: File, command: Command, context: Context) -> list[Event]:
    """A recommendation's status changes, with its proof or a new due date."""
    recommendation, status = _recommendation(file, command), command.body["status"]
    if recommendation.status in {*LIFTED_BY_DPO, ABANDONED}:
        raise AlreadyDone("Cette recommandation a déjà reçu sa fin.")
    _may_set(file, recommendation, status, context)
    if status == "accepted_by_dpo" and recommendation.status != "done":
        raise WrongState("Le délégué accepte ce que la partie responsable a déclaré réalisé.")
    if status == ABANDONED and not (command.body.get("reasons") or "").strip():
        raise Invalid("Un abandon est motivé.", [Detail(pointer="/reasons", message="Un motif est obligatoire.")])
    _require_proof(file, command)
    if command.body.get("due_on") is not None:
        _may_postpone(file, recommendation, command, context)
    return [command.event(context, number=recommendation.number)]


def _recommendation(file: File, command: Command) -> Recommendation:
    for recommendation in file.recommendations:
        if str(recommendation.number) == command.target:
            return recommendation
    raise NotFound(f"Ce dossier n'a pas de recommandation n° {command.target}.")


def _may_set(file: File, recommendation: Recommendation, status: str, context: Context) -> None:
    if status in LIFTED_BY_DPO:
        if recommendation.origin != "dpo" or not _is_holders_dpo(file, context):
            raise Forbidden("Seul le délégué du détenteur, en fonction ce jour, lève une recommandation de son avis.")
    elif status == ABANDONED:
        if "holder" not in sides(file, context):
            raise Forbidden("L'abandon d'une recommandation revient au décideur du détenteur.")
        is_delegated(context, file.holder)
    elif status == "in_progress" and _asked_for_it(file, recommendation, context):
        return
    elif context.convention.stands_for(recommendation.owner or file.requester, context.today) != context.actor.party:
        raise Forbidden("Cette recommandation est suivie par l'autre partie.")


def _asked_for_it(file: File, recommendation: Recommendation, context: Context) -> bool:
    """Whether the actor is who set the recommendation: the DPO in office, or the holder's controller or delegate."""
    if recommendation.origin == "dpo":
        return _is_holders_dpo(file, context)
    return "holder" in sides(file, context) and bool(context.actor.roles & {"controller", "delegate"})


def _is_holders_dpo(file: File, context: Context) -> bool:
    return "holder" in sides(file, context) and is_dpo_in_office(file, context)


def _require_proof(file: File, command: Command) -> None:
    """A proof is a piece of this file: what is cited can be read."""
    proof, gone = command.body.get("proof"), {digest for erasure in file.erasures for digest in erasure.attachments}
    if proof is not None and proof not in {piece.sha256 for piece in file.attachments} - gone:
        message = "Joignez d'abord la pièce : cette empreinte n'est celle d'aucune pièce du dossier."
        raise Invalid("La preuve n'est pas au dossier.", [Detail(pointer="/proof", message=message)])


def _may_postpone(file: File, recommendation: Recommendation, command: Command, context: Context) -> None:
    """Who asked for it grants another due date, not yet past."""
    if not _asked_for_it(file, recommendation, context):
        raise Forbidden(
            "Qui a demandé cette recommandation accorde seul une autre échéance : le délégué, ou le décideur."
        )
    if recommendation.origin != "dpo":
        is_delegated(context, file.holder)
    if command.body["due_on"] < context.today.isoformat():
        message = "Cette échéance est déjà passée."
        raise Invalid(message, [Detail(pointer="/due_on", message=message)])
