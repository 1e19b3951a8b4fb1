"""Reviews that are due: those of several exchanges, recorded at once or not at all."""

from typing import Any

from litestar import get, post
from litestar.response import Response

from registry.conformity.terms import add_months
from registry.gate import Unauthenticated
from registry.gate.flows import Due, review_several, reviews_due
from registry.gate.session import Session
from registry.refusals import Detail, Invalid, Refusal
from server.api.http import gate_of, parameters, uuid_of, valid
from server.auth.browser import CrossSite, caller_of
from server.pages.forms import Form, errors_of, posted
from server.pages.rendering import Call, page, redirect
from server.pages.schema_answers import document_of
from server.pages.schema_form import fields_of, noted
from server.problems import BadParameter

_LIMIT, _AHEAD = 50, 2
"""Exchanges on a page, and how many months before its day a review is shown."""


async def _page(
    request: Call, after: tuple[str, int] | None, typed: Form | None = None, refusal: Refusal | None = None,
    done: int = 0,
) -> Response[str]:  # fmt: skip
    async def work(session: Session) -> tuple[Any, Any, list[Due]]:
        until = add_months(session.today, _AHEAD)
        return session.today, until, await reviews_due(session, until, after, _LIMIT + 1)

    today, until, found = await gate_of(request).read(caller_of(request), work)
    told: dict[str, Any] = errors_of(refusal) if refusal else {"errors": {}, "sentence": ""}
    answers = document_of("review", typed.fields) if typed is not None else {}
    fields = fields_of("review", document=answers, errors=told["errors"])
    shown = found[:_LIMIT]
    last = shown[-1] if len(found) > _LIMIT else None
    return page(
        request, "reviews.html", refusal.status if refusal else 200,
        due=shown, until=until, today=today, fields=fields, said=noted(fields, told["errors"]), done=done,
        chosen=typed.every("exchanges") if typed is not None else [],
        following=f"{last.on.isoformat()}.{last.position}" if last else None, **told,
    )  # fmt: skip


@get("/revues", name="reviews_page")
async def show(request: Call) -> Response[str]:
    """The reviews of one's party, the first due first; `fait` says how many were just recorded."""
    given = parameters(request, ("cursor", "fait", "lang"))
    done = given.get("fait", "")
    return await _page(request, _place(given), done=int(done) if done.isascii() and done.isdecimal() else 0)


def _place(given: dict[str, str]) -> tuple[str, int] | None:
    """The place after which the page begins: a day and a position. Raises BadParameter."""
    if "cursor" not in given:
        return None
    day, _, position = given["cursor"].partition(".")
    if not (position.isascii() and position.isdecimal() and len(position) < 19 and len(day) == len("2023-01-01")):
        raise BadParameter("cursor : celui d'une page précédente est attendu.")
    return day, int(position)


@post("/revues", name="review_several", status_code=303)
async def review(request: Call) -> Response[str]:
    """The same review for each exchange that was chosen."""
    form = await posted(request)
    try:
        ids, body = [uuid_of(one) for one in form.every("exchanges")], document_of("review", form.fields)
        if not ids:
            message = "Choisissez au moins un échange."
            raise Invalid(message, [Detail(pointer="/exchanges", message=message)])
        valid(body, "review")
        done = await gate_of(request).write(caller_of(request), lambda session: review_several(session, ids, body))
    except (CrossSite, Unauthenticated):
        raise
    except Refusal as refusal:
        return await _page(request, None, form, refusal)
    return redirect(request, f"/revues?fait={len(done.value or [])}")


HANDLERS = [show, review]
