"""The administrator's page: accounts of the party, invitations, roles, absences."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, TypeVar

from litestar import get, post
from litestar.response import Response

from registry.gate import Answer
from registry.gate.people import administration, invitations
from registry.gate.people.administration import party_accounts
from registry.gate.people.invitations import BY_ACT, IDENTITY_CHECKS, Invited
from registry.gate.session import Session
from registry.refusals import Invalid, Refusal
from schemas import enumeration
from server.auth.browser import caller_of, local_path
from server.auth.context import auth_of
from server.pages.account import account_page
from server.pages.forms import Form, errors_of, posted
from server.pages.rendering import Call, page, redirect

T = TypeVar("T")
ACCOUNTS = "/comptes"
_CHECKS = tuple(
    zip(IDENTITY_CHECKS, ("En face à face", "En visioconférence", "En rappelant un numéro connu"), strict=True)
)
_EMPTY: dict[str, Any] = {"email": "", "roles": [], "until": ""}


async def _accounts(
    request: Call, status: int = 200, *, made: Invited | None = None, mailed: bool = False,
    refusal: Refusal | None = None, **context: Any,
) -> Response[str]:  # fmt: skip
    auth = auth_of(request)
    accounts = await auth.gate.read(caller_of(request), party_accounts)
    link = f"{auth.site.origin}/invitation/{made.secret}" if made is not None and not mailed else None
    shown = errors_of(refusal) if refusal is not None else {"sentence": ""}
    roles = [role for role in enumeration("role") if role not in BY_ACT]
    return page(
        request, "party_accounts.html", status, accounts=accounts, link=link, roles=roles, checks=_CHECKS,
        invited=made.invitation if made is not None else None, mailing=auth.gate.mailing,
        **{"form": _EMPTY, **shown, **context},
    )  # fmt: skip


async def _write(request: Call, work: Callable[[Session], Awaitable[T]]) -> T:
    """An administrator's act, in one transaction with its record."""

    async def act(session: Session) -> Answer[T]:
        return Answer(await work(session))

    done = await auth_of(request).gate.write(caller_of(request), act)
    return done.value  # type: ignore[return-value]  # without an idempotency key an act always has its value


@get(ACCOUNTS, name="party_accounts")
async def accounts(request: Call) -> Response[str]:
    """Everybody who acts for the party."""
    return await _accounts(request)


@post("/comptes/invitations", name="invite", status_code=200)
async def invite(request: Call) -> Response[str]:
    """An invitation; its link is shown this once."""
    form = await posted(request)
    typed = {"email": form.text("email"), "roles": form.every("roles"), "until": form.text("until")}
    known = [role for role in enumeration("role") if role in typed["roles"]]
    try:
        until = form.day("until")
        made = await _write(request, lambda session: _invited(session, form, known, until))
    except Invalid as refusal:
        return await _accounts(request, refusal.status, refusal=refusal, form=typed)
    return await _accounts(request, made=made, mailed=_by_mail(form))


def _by_mail(form: Form) -> bool:
    return form.text("send") == "mail"


async def _invited(session: Session, form: Form, roles: list[str], until: date | None) -> Invited:
    """The invitation, in the outbox if so asked: its address is then proved by whoever reads it."""
    made = await invitations.ask(session, form.text("email"), roles, until)
    if _by_mail(form):
        await invitations.send_by_mail(session, made)
    return made


@post("/comptes/invitations/retrait", name="withdraw_invitation", status_code=303)
async def withdraw(request: Call) -> Response[str]:
    """Void an invitation."""
    form = await posted(request)
    await _write(request, lambda session: invitations.withdraw(session, form.text("invitation")))
    return redirect(request, ACCOUNTS)


@post("/comptes/reprise", name="offer_reset", status_code=200)
async def reset(request: Call) -> Response[str]:
    """A link by which somebody takes their account anew."""
    form = await posted(request)
    try:
        made = await _write(
            request, lambda session: invitations.ask_reset(session, form.text("account"), form.text("check"))
        )
    except Invalid as refusal:
        return await _accounts(request, refusal.status, refusal=refusal)
    return await _accounts(request, made=made)


@post("/comptes/fonctions/fin", name="end_role", status_code=303)
async def end_role(request: Call) -> Response[str]:
    """End a role."""
    form = await posted(request)
    await _write(request, lambda session: administration.end_role(session, form.text("account"), form.text("role")))
    return redirect(request, ACCOUNTS)


@post("/comptes/desactivation", name="deactivate", status_code=303)
async def deactivate(request: Call) -> Response[str]:
    """Somebody acts for the party no more, at once."""
    form = await posted(request)
    await _write(request, lambda session: administration.deactivate(session, form.text("account")))
    return redirect(request, ACCOUNTS)


def _back(form: Form) -> str:
    return local_path(form.text("next") or ACCOUNTS)


@post("/comptes/absences", name="declare_absence", status_code=303)
async def declare(request: Call) -> Response[str]:
    """An absence, with its substitute: by the person, or by the administrator."""
    form = await posted(request)
    try:
        starts, ends = form.required_day("starts"), form.required_day("ends")
        await _write(
            request,
            lambda session: administration.declare_absence(
                session, form.text("account"), form.text("substitute"), starts, ends
            ),
        )
    except Invalid as refusal:
        if _back(form) == ACCOUNTS:
            return await _accounts(request, refusal.status, refusal=refusal)
        return await account_page(request, refusal.status, refusal)
    return redirect(request, _back(form))


@post("/comptes/absences/fin", name="end_absence", status_code=303)
async def end_absence(request: Call) -> Response[str]:
    """The person is back."""
    form = await posted(request)
    await _write(request, lambda session: administration.end_absence(session, form.text("absence")))
    return redirect(request, _back(form))


HANDLERS = [accounts, invite, withdraw, reset, end_role, deactivate, declare, end_absence]
