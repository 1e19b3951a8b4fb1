"""Where the page of each act is."""

from collections.abc import Iterable

from registry.exchange.acts import ACTS
from registry.exchange.file import File

SLUGS = {name.replace("/", "-"): name for name in ACTS}
"""The acts by what names them in an address."""
_CHOSEN = {
    "override": "constats",
    "recommendations": "recommandations",
    "incident-status": "incidents",
    "objection-status": "objections",
}
"""Acts about one finding, recommendation, incident…: chosen on the exchange's page."""
_WRITING = frozenset({"document", "filing"})
"""A draft is written, re-read and filed in the steps of its form."""


def paths_of(file: File, acts: Iterable[str]) -> dict[str, str]:
    """The page of each of these acts on an exchange, by act; those about what it does not have are left out."""
    return {act: _path(file, act) for act in acts if act != "recommendations" or file.recommendations}


def _path(file: File, act: str) -> str:
    """The page where an act is done, or the place where what it is about is chosen."""
    if act in _CHOSEN:
        return f"/echanges/{file.id}#{_CHOSEN[act]}"
    if file.state == "draft" and act in _WRITING:
        return f"/echanges/{file.id}/demande"
    return f"/echanges/{file.id}/actes/{act.replace('/', '-')}"
