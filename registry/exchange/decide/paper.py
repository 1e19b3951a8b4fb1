"""What a controller signed on paper, recorded by their party: the same gates, and dates that agree with the letter's.

The record says so plainly: its author is who records, its decider is the function that the convention knows.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.decision import Decider, decided
from registry.exchange.events import Event
from registry.exchange.file import Document, File, Paper
from registry.refusals import AlreadyDone, Detail, Forbidden, Invalid, NotSeparated, Refusal


def decide_exchange(file: File, command: Command, context: Context) -> list[Event]:
    """A decision signed on paper by the holder's controller, or by a delegate in force at the letter's date.

    Its date is the letter's: not before the opinion it follows, nor before the filing, nor in the future.
    """
    letter = command.body["letter"]
    since = file.opinion.signed_on if file.opinion is not None else file.filed_on
    _require_letter(file, letter, since, context)
    _require_recorder(file, context)
    decider = _decider(file, letter, context)
    try:
        derived = decided(file, command.body["decision"], context, decider)
    except Invalid as refusal:
        raise _below("/decision", refusal) from None
    return [command.event(context, **derived, **_signed(decider))]


def accept(file: File, command: Command, context: Context) -> list[Event]:
    """Conditions accepted on paper by the requester's controller or delegate, not before the decision."""
    if file.acceptance is not None and file.acceptance.version == file.version:
        raise AlreadyDone("Les conditions sont déjà acceptées pour cette version.")
    letter = command.body["letter"]
    _require_letter(file, letter, file.decision.decided_on if file.decision is not None else None, context)
    decider = _decider(file, letter, context)
    return [command.event(context, version=file.version, delegation=decider.delegation, **_signed(decider))]


def _signed(decider: Decider) -> dict[str, Any]:
    return {"signed_on_paper": True, "signatory": decider.account}


def _require_letter(file: File, letter: Document, since: date | None, context: Context) -> None:
    details = list(_wrong(file, letter, since, context))
    if details:
        raise Invalid("La lettre signée ne convient pas.", details)


def _wrong(file: File, letter: Document, since: date | None, context: Context) -> Iterator[Detail]:
    day = date.fromisoformat(letter["signed_on"])
    if day > context.today:
        yield Detail(pointer="/letter/signed_on", message="La lettre ne peut pas être datée dans l'avenir.")
    elif since is not None and day < since:
        yield Detail(
            pointer="/letter/signed_on",
            message=f"La lettre ne peut pas être datée avant ce qu'elle juge, le {since:%d/%m/%Y}.",
        )
    gone = {digest for erasure in file.erasures for digest in erasure.attachments}
    kept = {piece.sha256 for piece in file.attachments if piece.party == context.actor.party} - gone
    if letter["sha256"] not in kept:
        yield Detail(pointer="/letter/sha256", message="Joignez d'abord la lettre numérisée au dossier.")
    if (letter["signed_as"] == "delegate") != bool(letter.get("delegation")):
        yield Detail(
            pointer="/letter/delegation",
            message="Une délégation se nomme quand un délégataire a signé, et seulement alors.",
        )


def _require_recorder(file: File, context: Context) -> None:
    """Neither who asked nor the DPO who gave the opinion holds the pen of the decision (GDPR art. 38(6))."""
    given = file.opinion.author if file.opinion is not None else None
    if context.actor.id in file.asking | {given}:
        raise NotSeparated("Qui a demandé, ou rendu l'avis, n'enregistre pas la décision.")


def _decider(file: File, letter: Document, context: Context) -> Decider:
    """The signatory as the convention knows them at the letter's date. Raises Forbidden or NotSeparated."""
    day = date.fromisoformat(letter["signed_on"])
    paper = Paper(
        letter=letter["sha256"],
        signed_on=day,
        signed_as=letter["signed_as"],
        function=letter["function"],
        recorded_by=context.actor.id,
        recorded_on=context.today,
    )
    if letter["signed_as"] == "delegate":
        found = context.convention.delegation_named(context.actor.party, letter["delegation"], day)
        if found is None:
            raise Forbidden("Cette délégation de signature n'était pas en vigueur à la date de la lettre.")
        return Decider(str(found["user"]), str(found["id"]), day, paper)
    return Decider(_controller(file, context), None, day, paper)


def _controller(file: File, context: Context) -> str | None:
    """The account of the party's controller, when one account alone has that function; of several, the letter does not
    say which. Raises NotSeparated when every one of them asked or gave the opinion."""
    mine, people = {context.actor.party}, context.people
    holding = sorted(account for account in people.roles if people.holds(account, "controller", mine))
    given = file.opinion.author if file.opinion is not None else None
    if holding and not set(holding) - file.asking - {given}:
        raise NotSeparated("Le responsable de traitement a demandé, ou rendu l'avis : il ne peut pas décider.")
    return holding[0] if len(holding) == 1 else None


def _below(prefix: str, refusal: Invalid) -> Refusal:
    moved = [Detail({**detail, "pointer": prefix + detail["pointer"]}) for detail in refusal.details]
    return Invalid(refusal.sentence, moved)
