"""Pages about mail: one's preferences and deadlines, stopping a kind without signing in, the administrator's outbox."""

import re

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate import Answer
from registry.gate.mailing import Expected, deadlines, outbox, resend, set_preference, stop
from registry.gate.people.entering import live
from registry.gate.session import Session
from registry.refusals import Invalid, NotFound
from registry.storage.notices import CHOICES
from server.api.http import parameters
from server.auth.browser import caller_of, signed_in
from server.auth.context import auth_of
from server.mail import unsubscribe
from server.mail.calendar import Deadline, calendar
from server.pages.account import ACCOUNT, account_page
from server.pages.forms import posted
from server.pages.rendering import Call, page, redirect
from server.problems import BadParameter
from server.settings import Settings

MAILS = "/courriels"
_LIMIT, _LONGEST = 50, 500
"""Mails on a page; characters of a link's secret part."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@post("/compte/courriels", name="set_mail_preference", status_code=303)
async def prefer(request: Call) -> Response[str]:
    """What one wants to be told by mail, and when."""
    form, found = await posted(request), signed_in(request)

    async def work(session: Session) -> None:
        browser = await live(session, found.browser.hash)
        await set_preference(session, browser.account, {name: form.text(name) for name in CHOICES})

    try:
        await auth_of(request).gate.unattended(work)
    except Invalid as refusal:
        return await account_page(request, refusal.status, refusal)
    return redirect(request, f"{ACCOUNT}#courriels")


@get(MAILS, name="mails")
async def mails(request: Call) -> Response[str]:
    """The mails of the party's people."""
    given = parameters(request, ("before", "lang"))
    before = given.get("before")
    if before is not None and not _INSTANT.fullmatch(before):
        raise BadParameter("before : reprenez la valeur donnée par la page précédente.")
    auth = auth_of(request)
    shown, following = await auth.gate.read(caller_of(request), lambda session: outbox(session, before, _LIMIT))
    settings: Settings = request.app.state.settings
    host = settings.smtp.host if settings.smtp is not None else ""
    return page(request, "mails.html", mails=shown, following=following, mailing=auth.gate.mailing, host=host)


@post("/courriels/renvoi", name="resend_mail", status_code=303)
async def again(request: Call) -> Response[str]:
    """Send one again."""
    form = await posted(request)

    async def work(session: Session) -> Answer[None]:
        await resend(session, form.text("mail"))
        return Answer(None)

    await auth_of(request).gate.write(caller_of(request), work)
    return redirect(request, MAILS)


@get("/echeances.ics", name="own_deadlines")
async def own_deadlines(request: Call) -> Response[bytes]:
    """One's deadlines as a calendar file, for who is signed in: there is no secret address that could be passed on."""
    auth = auth_of(request)
    settings: Settings = request.app.state.settings
    expected = await auth.gate.read(caller_of(request), deadlines)
    content = calendar([_entry(one, settings.host_name, auth.site.origin) for one in expected], auth.gate.now())
    headers = {"Content-Disposition": 'attachment; filename="echeances.ics"', "Cache-Control": "no-store"}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


def _entry(one: Expected, host: str, origin: str) -> Deadline:
    identifier = f"{one.exchange}-{one.due_on:%Y%m%d}@{host}"
    return Deadline(identifier, one.due_on, f"{one.reference} – {one.label}", f"{origin}/echanges/{one.exchange}")


def _chosen(request: Call, token: str) -> tuple[str, str]:
    found = unsubscribe.read(auth_of(request).secrets, token) if len(token) <= _LONGEST else None
    if found is None:
        raise NotFound("Ce lien n'est pas valable : vos choix se règlent depuis votre compte.")
    return found


@get("/desinscription/{token:str}", name="unsubscribe_page")
async def asked(request: Call, token: FromPath[str]) -> Response[str]:
    """What the link does, and a button: programs that follow links of mails change nothing."""
    _chosen(request, token)
    return page(request, "unsubscribe.html", done=False)


@post("/desinscription/{token:str}", name="unsubscribe", status_code=200)
async def unsubscribed(request: Call, token: FromPath[str]) -> Response[str]:
    """No more mails of that kind, by the button or by the mail program (RFC 8058): neither signs in."""
    account, kind = _chosen(request, token)
    await auth_of(request).gate.unattended(lambda session: stop(session, account, kind))
    return page(request, "unsubscribe.html", done=True)


PUBLIC_HANDLERS = [asked, unsubscribed]
"""Without the guard of pages, which refuses what does not come from one: the link itself is the proof."""

HANDLERS = [prefer, mails, again, own_deadlines]
