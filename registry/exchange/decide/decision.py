"""The decision of the holder's controller or dated delegate; never computed from the opinion."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.exchange.changes import exists
from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import (
    blocking_findings,
    is_delegated,
    not_asking,
    open_stages,
    proposed,
    refuse_blocking,
    transition,
)
from registry.exchange.decide.intake import lapse_available_on, require_in_force
from registry.exchange.decide.opinion import recommendation_details
from registry.exchange.events import Event
from registry.exchange.file import APPROVALS, Decision, Document, File, Paper, Recommendation
from registry.refusals import AlreadyDone, Detail, GateClosed, Invalid, NotSeparated, WrongState


def decide_exchange(file: File, command: Command, context: Context) -> list[Event]:
    """Approval, approval subject to conditions, waiting for conditions, or refusal.

    1. People: controller or delegate of the holder, who neither asked nor gave the opinion (ROL-08, ROL-09).
    2. The body agrees with the opinion it answers: known recommendations and paths, reasons where due (CYC-01).
    3. Approvals: study and opinion hold for this version (CONV-08, CONV-10) and blocking findings are settled.
    4. Approval draws up a register entry for each controller concerned.
    """
    delegation = is_delegated(context, file.holder)
    return [
        command.event(
            context, **decided(file, command.body, context, Decider(context.actor.id, delegation, context.today))
        )
    ]


@dataclass(frozen=True)
class Decider:
    """Who decides: an account (None for a controller who has none), the delegation in force if they hold one, the day
    they signed, and the letter they signed if they did so on paper."""

    account: str | None
    delegation: str | None
    day: date
    paper: Paper | None = None


def decided(file: File, body: Document, context: Context, decider: Decider) -> dict[str, Any]:
    """What a decision derives, once every rule has admitted it."""
    _require_separate(file, decider.account)
    _require_consistent(file, body)
    _require_first(file, body)
    after = _after(file, body, context, decider)
    refuse_blocking("La décision ne peut pas être enregistrée.", transition("decision", after, context))
    if body["value"] in APPROVALS:
        _require_current_judgements(file)
        require_in_force(file, context)
        _require_settled_findings(after, context)
    return {
        "version": file.version,
        "document_hash": file.document_hash,
        "delegation": decider.delegation,
        "register_entries": _entries(file, body["value"], context),
    }


def _require_separate(file: File, decider: str | None) -> None:
    not_asking(file, decider, "en décider")
    if file.opinion is not None and decider == file.opinion.author:
        raise NotSeparated("Le délégué qui a rendu l'avis ne peut pas décider (RGPD, article 38(6)).")


def _require_consistent(file: File, body: Document) -> None:
    details = list(_inconsistencies(file, body))
    if details:
        raise Invalid("La décision n'est pas cohérente avec le dossier.", details)


def _inconsistencies(file: File, body: Document) -> Iterator[Detail]:
    known = {r.number for r in file.recommendations if r.origin == "dpo"}
    for i, number in enumerate(body.get("recommendations_not_followed") or []):
        if number not in known:
            yield Detail(
                pointer=f"/recommendations_not_followed/{i}", message=f"L'avis n'a pas de recommandation n° {number}."
            )
    for i, path in enumerate(body.get("excluded_paths") or []):
        if not exists(file.request, path):
            yield Detail(pointer=f"/excluded_paths/{i}", message=f"La demande n'a pas de rubrique « {path} ».")
    yield from recommendation_details(file, body, frozenset(known))


def _require_first(file: File, body: Document) -> None:
    """A decision is taken once per version; a wait for conditions may be followed by another value."""
    last = file.decision
    if last is not None and last.version == file.version and last.value == body["value"]:
        raise AlreadyDone("Cette décision est déjà enregistrée sur cette version.")
    if file.state == "under_study" and body["value"] != "refused":
        raise WrongState(
            "L'étude et l'avis ne sont pas complets : avant « À décider », seul un refus motivé est possible."
        )


def _after(file: File, body: Document, context: Context, decider: Decider) -> File:
    informed = body.get("dpo_informed_on")
    decision = Decision(
        value=body["value"],
        decided_by=decider.account,
        decided_for=context.actor.party,
        decided_on=decider.day,
        paper=decider.paper,
        version=file.version,
        document_hash=file.document_hash,
        delegation=decider.delegation,
        reasons=body.get("reasons"),
        recommendations_not_followed=body.get("recommendations_not_followed") or [],
        excluded_paths=body.get("excluded_paths") or [],
        dpo_informed_on=date.fromisoformat(informed) if informed else None,
    )
    own = [Recommendation(**{**r, "origin": "decision_maker"}) for r in _own_conditions(body)]
    followed = [r for r in file.recommendations if r.number not in decision.recommendations_not_followed]
    return proposed(file, decision=decision, recommendations=[*followed, *own])


def _own_conditions(body: Document) -> list[Document]:
    keys = ("number", "text", "paths", "covers", "prior")
    return [{k: r[k] for k in keys if r.get(k) is not None} for r in body.get("recommendations") or []]


def _require_current_judgements(file: File) -> None:
    if not (file.study_complete and file.opinion_complete):
        raise GateClosed(
            "Les trois volets de l'étude et l'avis du délégué doivent porter sur la version en vigueur.",
            [Detail(pointer="", message=f"Version en vigueur : {file.version}.")],
        )


def _require_settled_findings(after: File, context: Context) -> None:
    """Nothing is left unanswered: what nobody answered counts as open, and nobody answers it once approved. `approved`:
    nothing blocking is left open; subject to conditions: each is covered by one."""
    waiting = open_stages(after)
    if waiting:
        raise GateClosed(
            "Des questions du dossier restent sans réponse déclarée complète. "
            "Renvoyez-le à l'étude pour que le délégué du demandeur et la partie détentrice y répondent.",
            [Detail(pointer="", message="Contrôle à compléter.", check=check) for check in waiting],
        )
    blocking = blocking_findings(after, context)
    if after.decision is not None and after.decision.value != "approved":
        covered = {check for r in after.recommendations if r.prior and not r.lifted for check in r.covers}
        left = [f for f in blocking if f.id not in covered]
        refuse_blocking("Chaque constat bloquant doit être couvert par une condition préalable, ou levé.", left)
        return
    refuse_blocking("Des constats bloquants sont ouverts.", blocking)


def _entries(file: File, value: str, context: Context) -> dict[str, str]:
    """A new entry id for each controller concerned that has none yet."""
    if value not in {"approved", "approved_subject_to_conditions"}:
        return {}
    return {party: context.new_id() for party in file.controllers if party not in file.register_entries}


def lapse(file: File, command: Command, context: Context) -> list[Event]:
    """The holder's controller declares an unused approval lapsed, once the convention's delay has passed."""
    is_delegated(context, file.holder)
    available = lapse_available_on(file, context)
    if available is None or context.today.isoformat() < available:
        day = date.fromisoformat(available).strftime("%d/%m/%Y") if available else ""
        raise WrongState(f"La caducité ne peut être constatée qu'à partir du {day}.")
    return [command.event(context)]
