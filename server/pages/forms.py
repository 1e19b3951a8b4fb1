"""What was typed in a form: read once, its token checked, its dates read; and refusals tied to fields."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs

import msgspec

from registry.refusals import Detail, Invalid, Refusal
from server.api.http import raw_body, uploaded
from server.auth.browser import CSRF_FIELD, CSRF_HEADER, require_token
from server.pages.rendering import Call
from server.problems import UnreadableBody, UnsupportedMediaType

_LIMIT, _FIELDS, _LONGEST = 100_000, 200, 10_000
LARGE, MANY = 1_000_000, 10_000
"""Bytes and fields of a form made from a schema: a whole request, with its hundreds of rows."""


class Form:
    """The fields of a form; a missing one is empty. `fields` holds every value as it was sent."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self.fields = fields

    def text(self, name: str) -> str:
        """The field's text, without the blanks around it."""
        return self.secret(name).strip()

    def secret(self, name: str) -> str:
        """The field's text exactly as typed."""
        return self.fields.get(name, [""])[-1][:_LONGEST]

    def every(self, name: str) -> list[str]:
        """Every value of a field that may be chosen several times."""
        return self.fields.get(name, [])

    def day(self, name: str) -> date | None:
        """A date, None when the field is empty. Raises Invalid."""
        return self.required_day(name) if self.text(name) else None

    def required_day(self, name: str) -> date:
        """A date. Raises Invalid."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            message = "Indiquez une date (jour, mois, année)."
            raise Invalid(message, [Detail(pointer=f"/{name}", message=message)]) from None


async def posted(request: Call, limit: int = _LIMIT, fields: int = _FIELDS) -> Form:
    """The form, sent from one of our own pages, of at most so many bytes and fields. Raises
    CrossSite, UnreadableBody, UnsupportedMediaType or TooLarge."""
    if not request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        raise UnsupportedMediaType("Un formulaire est attendu.")
    body = await raw_body(request, limit)
    try:
        given = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=fields)
    except ValueError as error:
        raise UnreadableBody("Le formulaire ne peut pas être lu.") from error
    if any("\x00" in value for values in given.values() for value in values):
        raise UnreadableBody("Le formulaire ne peut pas être lu.")
    form = Form(given)
    require_token(request, form.text(CSRF_FIELD))
    return form


async def posted_file(request: Call) -> tuple[Form, str, bytes]:
    """A form sent with one file: its other fields, the file's name and content. Raises as `uploaded`, and CrossSite."""
    parts, upload = await uploaded(request)
    form = Form({name: [value] for name, value in parts.items() if isinstance(value, str)})
    require_token(request, form.text(CSRF_FIELD))
    content = await upload.read()
    if not content:
        message = "Choisissez un fichier, qui ne soit pas vide."
        raise Invalid(message, [Detail(pointer="/file", message=message)])
    return form, upload.filename, content


async def sent(request: Call) -> dict[str, Any]:
    """The JSON object that our own script sent. Raises CrossSite, UnreadableBody or TooLarge."""
    require_token(request, request.headers.get(CSRF_HEADER, ""))
    try:
        value = msgspec.json.decode(await raw_body(request, _LIMIT))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnreadableBody("Le corps n'est pas un document JSON lisible.") from None
    if not isinstance(value, dict):
        raise UnreadableBody("Un objet JSON est attendu.")
    return value


def errors_of(refusal: Refusal) -> dict[str, Any]:
    """A refusal as the page shows it: by field where it points to some, else as one sentence."""
    fields = {detail["pointer"].lstrip("/"): detail["message"] for detail in refusal.details if detail["pointer"]}
    return {"errors": fields, "sentence": refusal.sentence}
