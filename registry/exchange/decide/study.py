"""The study's three parts, by the other party: opportunity, feasibility, compliance (article 7, second paragraph)."""

from datetime import date

from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import proposed, refuse_blocking, transition
from registry.exchange.events import Event
from registry.exchange.file import File, StudyPart
from registry.refusals import AlreadyDone
from schemas import label


def conclude(file: File, command: Command, context: Context) -> list[Event]:
    """One part is concluded on the current version; once per version (CONV-11, ROL-08 guard it)."""
    part = command.act.removeprefix("study/")
    done = file.study.get(part)
    if done is not None and done.version == file.version:
        raise AlreadyDone(f"Le volet « {label('study_part', part)} » est déjà conclu sur cette version.")
    candidate = StudyPart(
        author=context.actor.id,
        author_party=studying_name(file, context),
        version=file.version,
        document_hash=file.document_hash,
        concluded_on=context.today,
        conclusion=command.body["conclusion"],
    )
    after = proposed(file, study={**file.study, part: candidate})
    refuse_blocking("Ce volet de l'étude ne peut pas être conclu.", transition("study", after, context))
    return [command.event(context, version=file.version, document_hash=file.document_hash)]


def studying_name(file: File, context: Context) -> str:
    """The party id under which the actor studies: the one the file names when the actor stands for it."""
    today: date = context.today
    stands = context.convention.stands_for(file.studying_party, today) == context.actor.party
    return file.studying_party if stands else context.actor.party
