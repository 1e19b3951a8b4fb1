"""The language of pages: French as written in the source, or a catalogue of `server/locales`, compiled at first use."""

import gettext
import io
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from litestar import Request

FRENCH, LANGUAGES = "fr", ("fr", "en")
COOKIE = "lang"
_SPACES = re.compile(r" (?=[:;?!»–])|(?<=«) ")
LOCALES = Path(__file__).parent.parent / "locales"


@lru_cache(maxsize=4096)  # a page says the names of the same functions and acts on many lines
def _spaced(message: str) -> str:
    return _SPACES.sub("\N{NO-BREAK SPACE}", message)


class _French(gettext.NullTranslations):
    """The source's own sentences, with the spaces that French keeps before high punctuation and inside guillemets."""

    def gettext(self, message: str) -> str:
        return _spaced(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n < 2 else msgid2)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The messages of a language; those of the source for French."""
    if language == FRENCH:
        return _French()
    compiled = io.BytesIO()
    with (LOCALES / language / "LC_MESSAGES" / "ecluse.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language asked for: `?lang=`, else the cookie of an earlier choice, else the browser's, else French."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    return preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> str:
    """The best known language of an Accept-Language header (RFC 9110, section 12.5.4); French when none is."""
    best, best_weight = FRENCH, 0.0
    for item in header[:500].split(","):
        name, _, parameters = item.strip().partition(";")
        language = name.split("-", 1)[0].lower()
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    _, _, value = parameters.strip().partition("q=")
    try:
        return min(max(float(value), 0.0), 1.0) if value else 1.0
    except ValueError:
        return 0.0
