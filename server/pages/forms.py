"""What was typed in a form: read once, its token checked, its dates read; and refusals tied to fields."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs

import msgspec

from registry.refusals import Detail, Invalid, Refusal
from server.api.http import raw_body
from server.auth.browser import CSRF_FIELD, CSRF_HEADER, require_token
from server.pages.rendering import Call
from server.problems import UnreadableBody, UnsupportedMediaType

_LIMIT, _FIELDS, _LONGEST = 100_000, 200, 10_000


class Form:
    """The fields of a form; a missing one is empty."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """The field's text, without the blanks around it."""
        return self.secret(name).strip()

    def secret(self, name: str) -> str:
        """The field's text exactly as typed."""
        return self._fields.get(name, [""])[-1][:_LONGEST]

    def every(self, name: str) -> list[str]:
        """Every value of a field that may be chosen several times."""
        return self._fields.get(name, [])

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


async def posted(request: Call) -> Form:
    """The form, sent from one of our own pages. Raises CrossSite, UnreadableBody, UnsupportedMediaType or TooLarge."""
    if not request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        raise UnsupportedMediaType("Un formulaire est attendu.")
    body = await raw_body(request, _LIMIT)
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError as error:
        raise UnreadableBody("Le formulaire ne peut pas être lu.") from error
    if any("\x00" in value for values in fields.values() for value in values):
        raise UnreadableBody("Le formulaire ne peut pas être lu.")
    form = Form(fields)
    require_token(request, form.text(CSRF_FIELD))
    return form


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
