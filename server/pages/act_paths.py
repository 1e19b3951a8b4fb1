"""Where the page of each act is."""

from registry.exchange.acts import ACTS
from registry.gate.reading import RequestView

_WRITING = frozenset({"document", "filing"})
"""Acts that have a form of their own, in steps: a request is written, re-read, filed, completed."""
SLUGS = {name.replace("/", "-"): name for name in ACTS if name not in _WRITING}
"""The other acts by what names them in an address."""
_CHOSEN = {
    "override": "constats",
    "recommendations": "recommandations",
    "incident-status": "incidents",
    "objection-status": "objections",
}
"""Acts about one finding, recommendation, incident…: chosen on the exchange's page."""


def paths_of(view: RequestView) -> dict[str, str]:
    """The page of each act that is open to the reader, by act."""
    found = {act: _path(view, act) for act in view.acts}
    return {act: path for act, path in found.items() if path}


def _path(view: RequestView, act: str) -> str:
    """The page where an act is done, or the place where what it is about is chosen; "" when there is none."""
    file = view.file
    exchange = f"/echanges/{file.id}"
    if act in _CHOSEN:
        return f"{exchange}#{_CHOSEN[act]}"
    if act in _WRITING:
        return f"{exchange}/{'demande' if file.state == 'draft' else 'complements'}"
    if act == "register-confirmations":
        return f"/registre/confirmations/{file.id}"
    return f"{exchange}/actes/{act.replace('/', '-')}"
