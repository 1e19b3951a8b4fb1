"""How anybody checks a receipt, an evidence pack or an export without trusting the host; and a check made here, as a
convenience."""

import asyncio
from datetime import date
from typing import Any

from litestar import get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.response import Response

from registry.refusals import Detail, Invalid, Refusal
from registry.storage.rates import Limit, TooOften
from server.api.http import limited
from server.auth.browser import CSRF_FIELD, require_token
from server.pages.acts_done import DONE
from server.pages.forms import errors_of
from server.pages.rendering import Call, page
from server.problems import TooLarge, UnreadableBody, UnsupportedMediaType
from server.verifying import SIZE, verify_files

VERIFICATIONS = Limit("verifications", 10, 6)
_KEPT = ("keys", "policy", "old")
_LONGEST = 20_000
_FILES = 3


def _screen(request: Call, given: dict[str, str], refusal: Refusal | None = None, **shown: Any) -> Response[str]:
    wrong = errors_of(refusal) if refusal is not None else {"errors": {}, "sentence": ""}
    if refusal is not None and not wrong["errors"]:
        wrong["errors"] = {"file": refusal.sentence}
    status = refusal.status if refusal is not None else 200
    known: dict[str, Any] = {
        "report": None,
        "given": given,
        "megabytes": SIZE // 1_000_000,
        "labels": DONE,
        "day_in": _day,
        **shown,
    }
    return page(request, "verification.html", status, **known, **wrong)


def _day(said: object) -> date | None:
    """The day that a file says, when it is one."""
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None


@get("/verification", name="verification")
async def verification(request: Call) -> Response[str]:
    """The form that checks a file, what each status of a record means, and the commands that need no host."""
    return _screen(request, dict.fromkeys(_KEPT, ""))


@post("/verification", name="verify_file", status_code=200, request_max_body_size=SIZE + 100_000)
async def verify(request: Call) -> Response[str]:
    """The verdict on a file: nothing of it is kept. For anybody, a few times a minute."""
    given = dict.fromkeys(_KEPT, "")
    try:
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise UnsupportedMediaType("Un formulaire est attendu.")
        await limited(request, VERIFICATIONS)
        form = await _form(request)
        require_token(request, str(form.get(CSRF_FIELD) or ""))
        given = {name: str(form.get(name) or "")[:_LONGEST] for name in _KEPT}
        files = await _sent(form)
        report = await asyncio.to_thread(verify_files, files, given)
    except (Invalid, TooLarge, TooOften) as refusal:
        return _screen(request, given, refusal)
    return _screen(request, given, report=report, name=files[0][0])


async def _sent(form: Any) -> list[tuple[str, bytes]]:
    """The files of the form, by name. Raises Invalid."""
    every = [(one.filename, await one.read()) for one in form.getall("file", []) if isinstance(one, UploadFile)]
    files = [(name, content) for name, content in every[:_FILES] if content]
    if not files:
        message = "Choisissez le fichier à vérifier."
        raise Invalid(message, [Detail(pointer="/file", message=message)])
    return files


async def _form(request: Call) -> Any:
    try:
        return await request.form()
    except HTTPException as error:
        if error.status_code == 413:
            raise TooLarge(f"Le fichier dépasse {SIZE // 1_000_000} Mo : vérifiez-le hors ligne.") from error
        raise UnreadableBody("Le formulaire ne peut pas être lu.") from error


HANDLERS = [verification, verify]
