"""Pages from templates: escaped, strict about names, in the visitor's language, never stored by anybody."""

from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Response

from schemas import label
from server.auth.browser import cookie, csrf_token, session_cookie, visiting
from server.auth.context import auth_of
from server.pages.assets import asset
from server.pages.language import COOKIE, FRENCH, LANGUAGES, language_of, translations
from server.pages.translating import Translated

Call = Request[Any, Any, Any]

_HERE = Path(__file__).parent
_PARIS = ZoneInfo("Europe/Paris")
_PRIVATE = {"Cache-Control": "no-store"}
_YEAR = 365 * 24 * 3600


@cache
def environment(language: str) -> Environment:
    """The templates of a language; kept, because compiling them costs more than rendering."""
    spoken = translations(language)
    made = Translated(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.spoken = spoken.gettext
    made.install_gettext_translations(spoken, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    made.filters |= {
        "day": lambda value: _day(value, language),
        "moment": lambda value: _moment(value, language),
        "number": lambda value: format_decimal(value, locale=language),
        "translated": spoken.gettext,  # escaped, unlike what `_` answers: for words that may be a convention's own
        "bytes": lambda size: _bytes(size, language),
        "label": lambda identifier, kind: spoken.gettext(label(kind, identifier)),
    }
    made.globals |= {"language": language, "asset": asset}
    return made


@lru_cache(maxsize=4096)  # a list shows few days many times, and writing one takes forty microseconds
def _day(value: date | str, language: str) -> str:
    day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return _first(format_date(day, "d MMMM y", locale=language), language)


@lru_cache(maxsize=4096)
def _moment(value: datetime | str, language: str) -> str:
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return _first(format_datetime(instant.astimezone(_PARIS), "d MMMM y, HH:mm", locale=language), language)


def _bytes(size: int, language: str) -> str:
    """A file's size, in units of a thousand."""
    for unit, bytes_in in (("megabyte", 1_000_000), ("kilobyte", 1_000)):
        if size >= bytes_in:
            return format_unit(size / bytes_in, f"digital-{unit}", "short", "#,##0.#", locale=language)
    return format_unit(size, "digital-byte", "long", locale=language)


def _first(written: str, language: str) -> str:
    """The first of a month is an ordinal in French."""
    return f"1er{written[1:]}" if language == FRENCH and written.startswith("1 ") else written


def page(
    request: Call, template: str, status: int = 200, *, cookies: tuple[Cookie, ...] = (), **context: Any
) -> Response[str]:
    """A page. `cookies` go with it."""
    language = language_of(request)
    auth = auth_of(request)
    shown = {
        "me": visiting(request),
        "csrf": csrf_token(request),
        "here": request.url.path,
        "languages": LANGUAGES,
        "demo": auth.demo,
        "errors": {},
        **context,
    }
    text = environment(language).get_template(template).render(shown)
    if request.query_params.get("lang") in LANGUAGES:
        cookies = (*cookies, cookie(auth, COOKIE, language, _YEAR))
    return Response(text, status_code=status, media_type="text/html", headers=_PRIVATE, cookies=cookies)


def redirect(
    request: Call, path: str, *, session_id: str | None = None, cookies: tuple[Cookie, ...] = ()
) -> Response[str]:
    """See another page of this site (303), with the session's new id when there is one."""
    if session_id is not None:
        cookies = (*cookies, session_cookie(auth_of(request), session_id))
    return Response(
        "", status_code=303, media_type="text/html", headers={"Location": path, **_PRIVATE}, cookies=cookies
    )


def sentence(request: Call, text: str) -> str:
    """A sentence of ours in the visitor's language."""
    return translations(language_of(request)).gettext(text)
