"""The library of one's own texts: what one keeps to take again in other opinions."""

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate.own_texts import LONGEST, remove_text, save_text, texts_of
from registry.refusals import NotFound, Refusal
from server.api.http import gate_of, parameters, uuid_of
from server.auth.browser import caller_of
from server.pages.forms import errors_of, posted
from server.pages.rendering import Call, page, redirect

PATH = "/textes"


async def _page(request: Call, typed: str = "", at: str = "", refusal: Refusal | None = None) -> Response[str]:
    texts = await gate_of(request).read(caller_of(request), texts_of)
    shown = errors_of(refusal) if refusal is not None else {"errors": {}, "sentence": ""}
    return page(
        request, "own_texts.html", refusal.status if refusal is not None else 200, texts=texts, typed=typed, at=at,
        longest=LONGEST, **shown,
    )  # fmt: skip


@get(PATH, name="own_texts")
async def show(request: Call) -> Response[str]:
    """One's texts, those saved last first."""
    parameters(request, ("lang",))
    return await _page(request)


@post(PATH, name="keep_own_text", status_code=303)
async def add(request: Call) -> Response[str]:
    """Keep a text."""
    form = await posted(request)
    text = form.text("text").replace("\r\n", "\n")
    try:
        await gate_of(request).write(caller_of(request), lambda session: save_text(session, text))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, text, "", refusal)
    return redirect(request, PATH)


@post(f"{PATH}/{{identifier:str}}", name="change_own_text", status_code=303)
async def change(request: Call, identifier: FromPath[str]) -> Response[str]:
    """Change a text, or forget it."""
    form = await posted(request)
    named, text = uuid_of(identifier), form.text("text").replace("\r\n", "\n")
    if "_remove" in form.fields:
        await gate_of(request).write(caller_of(request), lambda session: remove_text(session, named))
        return redirect(request, PATH)
    try:
        await gate_of(request).write(caller_of(request), lambda session: save_text(session, text, named))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, text, named, refusal)
    return redirect(request, PATH)


HANDLERS = [show, add, change]
