"""Where the page of each act is."""

from registry.exchange.acts import ACTS
from registry.gate.reading import RequestView

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
    if file.state == "draft" and act in _WRITING:
        return f"{exchange}/demande"
    if act == "document" and (file.state != "awaiting_information" or "filing" not in view.stages):
        stage = next((one for one in sorted(view.stages) if one != "filing"), None)
        return f"{exchange}/complements/{stage}" if stage is not None else ""
    if act == "register-confirmations":
        return f"/registre/confirmations/{file.id}"
    return f"{exchange}/actes/{act.replace('/', '-')}"
