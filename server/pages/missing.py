"""What an exchange still lacks before it is put in operation: each point with where it is settled, and by whom."""

from dataclasses import dataclass

from registry.conformity import check_of
from registry.gate.acting import ActView
from registry.refusals import Refusal


@dataclass(frozen=True)
class Missing:
    """A point: what is said of it, the address where it is settled, the functions of those who settle it."""

    message: str
    path: str
    roles: tuple[str, ...]


_BY_FAMILY: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "records": ("registres", "register-confirmations", ("records_manager",)),
    "life_cycle": ("recommandations", "", ("requester", "dpo")),
    "dpia": ("constats", "dpia", ("compliance_referent", "dpo")),
    "information": ("pieces", "attachments", ("requester",)),
    "roles": ("pieces", "attachments", ("requester", "compliance_referent")),
}
"""For each family of checks: the part of the exchange's page, the act that settles it, whose it is."""
_OTHERWISE = ("constats", "", ("compliance_referent",))
_OF_CONVENTION = {"CONV-12": "records"}


def missing(refusal: Refusal, found: ActView) -> list[Missing]:
    """Each point of a refusal to put in operation."""
    if not refusal.details:
        return [Missing(refusal.sentence, f"/echanges/{found.file.id}", ())]
    return [_missing(detail.get("check", ""), detail["message"], found) for detail in refusal.details]


def _missing(check: str, message: str, found: ActView) -> Missing:
    family = _OF_CONVENTION.get(check) or (check_of(check).family if check else "")
    part, act, roles = _BY_FAMILY.get(family, _OTHERWISE)
    exchange = f"/echanges/{found.file.id}"
    path = f"{exchange}/actes/{act}" if act in found.view.acts else f"{exchange}#{part}"
    return Missing(message, path, roles)
