"""Where the page of each act is."""

from collections.abc import Iterable

from registry.exchange.acts import ACTS

SLUGS = {name.replace("/", "-"): name for name in ACTS}
"""The acts by what names them in an address."""
_CHOSEN = {"override": "constats", "recommendations": "recommandations"}
"""Acts about one finding or recommendation: chosen on the exchange's page."""


def path_of(request_id: str, act: str) -> str:
    """The page where an act is done, or the place where what it is about is chosen."""
    if act in _CHOSEN:
        return f"#{_CHOSEN[act]}"
    return f"/echanges/{request_id}/actes/{act.replace('/', '-')}"


def paths_of(request_id: str, acts: Iterable[str]) -> dict[str, str]:
    """The page of each of these acts, by act."""
    return {act: path_of(request_id, act) for act in acts}
