"""The last gate: preparation, both registers confirmed, exchange active."""

from collections.abc import Mapping

from registry.conformity import rules_of
from registry.conformity.terms import add_months
from registry.exchange.context import Context, Entry
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import blocking_findings, frozen, not_overridden, refuse_blocking, transition
from registry.exchange.decide.intake import require_in_force
from registry.exchange.events import Event
from registry.exchange.file import Document, File
from registry.refusals import AlreadyDone, Detail, GateClosed, Invalid, NotFound, StaleVersion


def prepare(file: File, command: Command, context: Context) -> list[Event]:
    """Preparation starts once the requester's controller has accepted the conditions."""
    if file.acceptance is None or file.acceptance.version != file.version:
        raise GateClosed(
            "Le responsable de traitement demandeur doit d'abord accepter les conditions.",
            [Detail(pointer="", message=f"Conditions non acceptées pour la version {file.version}.")],
        )
    return [command.event(context)]


def confirm(file: File, command: Command, context: Context) -> list[Event]:
    """A controller's records manager confirms its Article 30 record for this exchange and version (CONV-12)."""
    entry = context.entries.get(command.body["entry"])
    party = _controller(file, context)
    if entry is None or context.convention.stands_for(entry.party, context.today) != context.actor.party:
        raise NotFound("Cette fiche n'est pas dans votre registre.")
    if command.body["entry_version"] != entry.version:
        raise StaleVersion(f"La fiche a changé : sa version en vigueur est la {entry.version}.")
    _require_action(file, command, entry, party)
    if any(
        c.party == party and c.version == file.version and c.entry == entry.id and c.entry_version == entry.version
        for c in file.register_confirmations
    ):
        raise AlreadyDone("Cette fiche est déjà confirmée pour cette version de l'échange.")
    return [command.event(context, party=party, version=file.version, record_reference=entry.reference)]


def _controller(file: File, context: Context) -> str:
    """The controller of the file for which the actor's party stands."""
    standing = context.convention.stands_for
    return next(party for party in file.controllers if standing(party, context.today) == context.actor.party)


def _require_action(file: File, command: Command, entry: Entry, party: str) -> None:
    drafted = file.register_entries.get(party) == entry.id
    if drafted != (command.body["action"] == "created"):
        expected = "created" if drafted else "updated"
        raise Invalid(
            "L'action ne correspond pas à la fiche.",
            [Detail(pointer="/action", message=f"Pour cette fiche, l'action est « {expected} ».")],
        )


def activate(file: File, command: Command, context: Context) -> list[Event]:
    """The exchange becomes active: every guard is read again, on the server's day."""
    require_in_force(file, context)
    if context.source is not None and context.source.replaced_by is not None:
        raise GateClosed("Une autre modification a déjà remplacé l'échange d'origine : modifiez celle-là.")
    if file.open_correction is not None:
        raise GateClosed("Une correction attend la réponse du délégué du détenteur.")
    registers = records_of(file, context.entries)
    at_once = not_overridden(file, transition("activation", file, context, registers))
    findings = [*at_once, *blocking_findings(file, context, activation=True)]
    refuse_blocking("L'échange ne peut pas encore être mis en œuvre.", findings)
    if not command.body.get("authorised_users"):
        raise Invalid(
            "Indiquez les fonctions habilitées à recevoir ou à consulter les données.",
            [Detail(pointer="/authorised_users", message="Au moins une fonction est attendue, sans nom de personne.")],
        )
    months = int(rules_of(context.convention.document).settings["review_months"])
    review = add_months(context.today, months).isoformat()
    return [command.event(context, next_review_on=review, findings=frozen(at_once))]


def records_of(file: File, entries: Mapping[str, Entry]) -> dict[str, Document | None]:
    """For each controller, its record of the exchange as REG-01 reads it: the one it confirmed for the current version,
    else the draft that it has yet to confirm (CONV-12 says so); None without either."""
    kept = {party: file.register_entries.get(party, "") for party in file.controllers}
    kept |= {c.party: c.entry for c in file.register_confirmations if c.version == file.version}
    return {party: dict(entries[entry].record) if entry in entries else None for party, entry in kept.items()}
