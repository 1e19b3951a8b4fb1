"""Acts that need something of the file beyond its state: what the pages and the API do not offer without it."""

from collections.abc import Callable

from registry.exchange.file import File

_NEEDS: dict[str, Callable[[File], bool]] = {
    "recommendations": lambda file: any(not r.lifted for r in file.recommendations),
    "incident-status": lambda file: any(incident.closed_on is None for incident in file.incidents),
    "objection-status": lambda file: any(o.applied_on is None for o in file.objections),
    "return": lambda file: file.state == "awaiting_decision" or file.open_referral is not None,
    "referral": lambda file: file.open_referral is None,
    "copies": lambda file: file.initiated_by == file.requester,
    "adoption": lambda file: file.copied_from is not None and not file.opinion_complete and not file.study,
}


def available(file: File, act: str) -> bool:
    """Whether the file holds what the act is about: an open incident, a referral without answer, a request to copy."""
    need = _NEEDS.get(act)
    return need is None or need(file)
