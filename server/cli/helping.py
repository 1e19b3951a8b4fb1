"""The help of every command in French: the library writes its own words in English."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import click

_HEADINGS = {"Options": "Options", "Commands": "Commandes", "Arguments": "Arguments"}
_KINDS = {
    "INTEGER RANGE": "ENTIER", "INTEGER": "ENTIER", "FLOAT RANGE": "NOMBRE", "FLOAT": "NOMBRE", "TEXT": "TEXTE",
    "PATH": "CHEMIN", "FILE": "FICHIER", "DIRECTORY": "DOSSIER", "[%Y-%m-%d]": "AAAA-MM-JJ",
    "[OPTIONS]": "[OPTIONS]", "COMMAND [ARGS]...": "COMMANDE [ARGUMENTS]…",
}  # fmt: skip
_KIND = re.compile("|".join(rf"(?<![\w-]){re.escape(kind)}(?!\w)" for kind in _KINDS))
_VALUES = re.compile(r"\[([\w-]+(?:\|[\w-]+)+)\]")
_BESIDE = 30
_EXTRA = re.compile(r"\[((?:default: |required)[^\]]*|[0-9x][^\]]*[<>]=[^\]]*)\]$")
_PIECES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"default: "), "par défaut : "),
    (re.compile(r"; required|required"), "obligatoire"),
    (re.compile(r"([0-9]+)<=x<=([0-9]+)"), r"de \1 à \2"),
    (re.compile(r"x>=([0-9]+)"), r"au moins \1"),
    (re.compile(r"x<=([0-9]+)"), r"au plus \1"),
    (re.compile(r"; "), " ; "),
)


class FrenchHelp(click.HelpFormatter):
    """Writes usage lines, headings and lists in French."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, _kinds(args), prefix or "Usage : ")

    def write_heading(self, heading: str) -> None:
        """A heading, with the space that French puts before the colon."""
        super().write_heading(f"{_HEADINGS.get(heading, heading)} ")

    def write_dl(self, rows: Iterable[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        """Options or commands, each with what it does."""
        super().write_dl([_row(name, text) for name, text in rows], *args, **kwargs)


def _row(name: str, text: str) -> tuple[str, str]:
    """An option and what it does; many values are listed after what it does rather than beside its name."""
    values = _VALUES.search(name)
    if values is None or len(values.group()) <= _BESIDE:
        return _kinds(name), _said(text)
    described, _, extra = _said(text).partition("  [")
    listed = f"{described} Valeurs : {', '.join(values.group(1).split('|'))}."
    return _kinds(_VALUES.sub("VALEUR", name)), f"{listed}  [{extra}" if extra else listed


def _kinds(text: str) -> str:
    return _KIND.sub(lambda match: _KINDS[match.group()], text)


def _said(text: str) -> str:
    if text == "Show this message and exit.":
        return "Afficher cette aide."
    return _EXTRA.sub(lambda match: f"[{_extra(match.group(1))}]", text)


def _extra(text: str) -> str:
    for pattern, replacement in _PIECES:
        text = pattern.sub(replacement, text)
    return text
