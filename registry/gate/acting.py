"""What the page of an act shows to whoever may do it: the exchange, what was begun, and what may help to write."""

from dataclasses import asdict, dataclass, replace
from datetime import date

from registry.conformity import People
from registry.convention import Convention
from registry.exchange.context import Context
from registry.exchange.decide import Command, decide
from registry.exchange.decide.guards import authorise, sides
from registry.exchange.file import Document, File
from registry.gate.drafts import act_of
from registry.gate.exchanges import context_of, load_request
from registry.gate.reading import LinkedRecords, RequestView, records_of, view_of
from registry.gate.session import Session, new_id
from registry.gate.similar import similar
from registry.gate.versions import compared, versions_of
from registry.refusals import Forbidden, Refusal
from registry.storage.drafts import Draft, draft_key, load_draft
from registry.storage.erasing import erasable
from registry.storage.own_texts import OwnText, own_texts

_WRITTEN = frozenset({"opinion"})
"""Acts that texts of one's own and past exchanges help to write."""


@dataclass(frozen=True)
class ActView:
    """`sides` are those for which the caller's party stands; `refusal` says why the act is not open, if it is not;
    `texts` and `alike` are empty for acts that they do not help to write."""

    view: RequestView
    convention: Convention
    records: LinkedRecords
    sides: frozenset[str]
    roles: frozenset[str]
    draft: Draft | None
    texts: list[OwnText]
    alike: list[File]
    refusal: Refusal | None
    today: date

    @property
    def file(self) -> File:
        """The exchange."""
        return self.view.file


async def act_view(session: Session, request_id: str, act: str, target: str = "") -> ActView:
    """The page of an act. Raises Forbidden when neither party nor function gives it, NotFound as reading does; a state
    that does not allow it is told in `refusal`, so that what was typed is not lost."""
    named = act_of(act)
    session.require("exchange.list")
    loaded = await load_request(session, request_id)
    view, convention = await view_of(session, loaded), await session.convention_of(loaded)
    context = Context(session.actor, session.today, convention, People({}), new_id)
    refusal: Refusal | None = None
    try:
        authorise(view.file, named, context)
    except Forbidden:
        raise
    except Refusal as found:
        refusal = found
    written = act in _WRITTEN
    return ActView(
        view,
        convention,
        await records_of(session, loaded),
        frozenset(sides(view.file, context)),
        session.actor.roles,
        await _draft(session, view.file, draft_key(act, target)),
        await own_texts(session.tx, session.actor.id) if written else [],
        await similar(session, request_id) if written else [],
        refusal,
        session.today,
    )


async def _draft(session: Session, file: File, act: str) -> Draft | None:
    if file.erased_on is not None:
        return None
    return await load_draft(session.tx, file.id, session.actor.id, act, await session.key_of(file.id))


async def rehearse(session: Session, request_id: str, command: Command) -> None:
    """Refuse what the act would be refused for, were it done now; nothing is recorded. Raises Refusal."""
    loaded = await load_request(session, request_id)
    convention = await session.convention_of(loaded)
    if command.act == "erasure":
        what = await erasable(session.tx, request_id, command.body)
        command = replace(command, facts=asdict(what) if what else {})
    if act_of(command.act).signable and convention.device_policy(session.actor.party) == "required":
        command = replace(command, device={})  # its author's device signs it last
    decide(loaded.file, command, await context_of(session, convention, loaded.file, command, kept=False))


async def between(session: Session, request_id: str, version: int) -> tuple[Document, Document] | None:
    """What the request said at a version and what it says in force; None when it has no such version."""
    current = (await load_request(session, request_id)).file.version
    if version == current or version not in {one.number for one in await versions_of(session, request_id)}:
        return None
    found = await compared(session, request_id, version, current)
    return found.old, found.new
