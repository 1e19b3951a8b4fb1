"""« Ajouter la fiche d'Écluse »: a draft of the tool's own record in the party's register."""

from litestar import post
from litestar.response import Response

from registry.gate import Answer
from registry.gate.own_records import add_own_record
from registry.gate.session import Session
from registry.storage.register import StoredEntry
from server.auth.browser import caller_of
from server.auth.context import auth_of
from server.pages.forms import posted
from server.pages.rendering import Call, redirect

REGISTER = "/registre"


@post("/registre/fiche-ecluse", name="add_own_record", status_code=303)
async def add(request: Call) -> Response[str]:
    """Draft the record; the register shows it."""
    await posted(request)
    periods = request.app.state.settings.periods

    async def work(session: Session) -> Answer[StoredEntry]:
        return await add_own_record(session, session.actor.party, periods)

    await auth_of(request).gate.write(caller_of(request), work)
    return redirect(request, REGISTER)


HANDLERS = [add]
