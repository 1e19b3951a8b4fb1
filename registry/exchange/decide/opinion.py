"""The prior opinion of the holder's DPO: only the one in office signs, on one exact version (article 7; GDPR 38-39)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from registry.conformity import catalogue
from registry.exchange.changes import exists
from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import not_asking, proposed, refuse_blocking, transition
from registry.exchange.events import Event
from registry.exchange.file import Document, File, Opinion
from registry.refusals import AlreadyDone, Detail, Forbidden, Invalid


def substitute(file: File, command: Command, context: Context) -> list[Event]:
    """The holder's controller names an interim DPO for this file, when the DPO serves both sides (ROL-07)."""
    person = context.person
    if person is None or not context.convention.designated(file.holder, person, context.today, interim=True):
        raise Invalid(
            "Le suppléant doit être désigné par intérim auprès du détenteur.",
            [Detail(pointer="/person", message="Cette personne n'a pas de désignation par intérim en cours.")],
        )
    return [command.event(context, person=person)]


def sign(file: File, command: Command, context: Context) -> list[Event]:
    """The opinion, once per version; guarded by CONV-09 and ROL-08."""
    if file.opinion_complete:
        raise AlreadyDone("Un avis est déjà rendu sur cette version ; un renvoi à l'étude permet d'en rendre un autre.")
    _require_consistent(file, command.body)
    sign_off(file, command.body["value"], command.body.get("text"), context)
    return [command.event(context, version=file.version, document_hash=file.document_hash)]


def sign_off(file: File, value: str, text: str | None, context: Context) -> None:
    """Refuse whoever may not give this opinion on the current version: not the DPO in office, or not apart enough."""
    if file.substitute is not None and context.actor.id != file.substitute:
        raise Forbidden("Un suppléant a été désigné pour ce dossier : lui seul rend l'avis.")
    not_asking(file, context.actor.id, "rendre l'avis")
    after = proposed(file, opinion=_candidate(file, value, text, context))
    refuse_blocking("L'avis ne peut pas être rendu.", transition("opinion", after, context))


def _candidate(file: File, value: str, text: str | None, context: Context) -> Opinion:
    standing = context.convention.stands_for(file.holder, context.today) == context.actor.party
    return Opinion(
        author=context.actor.id,
        author_party=file.holder if standing else context.actor.party,
        version=file.version,
        document_hash=file.document_hash,
        value=value,
        text=text,
        signed_on=context.today,
    )


def _require_consistent(file: File, body: Document) -> None:
    details = [*_unknown_paths(file.request, body), *recommendation_details(file, body), *_condition_details(body)]
    if details:
        raise Invalid("L'avis n'est pas cohérent avec la demande.", details)


def _unknown_paths(request: Document, body: Document) -> Iterator[Detail]:
    named = [(f"/nir_authorised/{i}", path) for i, path in enumerate(body.get("nir_authorised") or [])]
    named += [(f"/lines/{i}/path", line["path"]) for i, line in enumerate(body.get("lines") or [])]
    for pointer, path in named:
        if not exists(request, path):
            yield Detail(pointer=pointer, message=f"La demande n'a pas de rubrique « {path} ».")


def recommendation_details(file: File, body: Document, taken: frozenset[int] = frozenset()) -> Iterator[Detail]:
    """What is wrong in a body's `recommendations`: repeated numbers, unknown paths, checks or owners."""
    recommendations: list[dict[str, Any]] = body.get("recommendations") or []
    numbers = Counter(r["number"] for r in recommendations)
    known = {check.id for check in catalogue()}
    for i, recommendation in enumerate(recommendations):
        pointer, number = f"/recommendations/{i}", recommendation["number"]
        if numbers[number] > 1 or number in taken:
            yield Detail(pointer=f"{pointer}/number", message=f"Le numéro {number} est déjà pris.")
        for j, path in enumerate(recommendation.get("paths") or []):
            if not exists(file.request, path):
                yield Detail(pointer=f"{pointer}/paths/{j}", message=f"La demande n'a pas de rubrique « {path} ».")
        for j, check in enumerate(recommendation.get("covers") or []):
            if check not in known:
                yield Detail(pointer=f"{pointer}/covers/{j}", message=f"Contrôle inconnu : « {check} ».")
        owner = recommendation.get("owner")
        if owner is not None and owner not in {file.requester, file.holder}:
            yield Detail(pointer=f"{pointer}/owner", message="Le responsable doit être une partie à l'échange.")


def _condition_details(body: Document) -> Iterator[Detail]:
    recommendations: list[dict[str, Any]] = body.get("recommendations") or []
    prior = [r for r in recommendations if r.get("prior")]
    if body["value"] == "favourable_with_recommendations" and not (recommendations or body.get("lines")):
        message = "Un avis avec recommandations en énonce au moins une, générale ou ligne par ligne."
        yield Detail(pointer="/recommendations", message=message)
    if body["value"] == "favourable_subject_to_conditions" and not prior:
        yield Detail(
            pointer="/recommendations", message="Un avis sous conditions énonce au moins une condition préalable."
        )
    if body["value"] in {"favourable", "unfavourable"} and prior:
        yield Detail(
            pointer="/recommendations", message="Une condition préalable suppose un avis « favorable sous conditions »."
        )
