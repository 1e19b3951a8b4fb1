"""What a convention's calendar says on a day: its term comes, a notice runs, the committee has not met. Pure.

An alert opens an act to somebody and does nothing itself (domain, « expiry produces alerts, nothing else »).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

from registry.committee import next_meeting_due, parity, sitting
from registry.conformity.terms import add_months, in_force_until
from registry.convention import Convention
from registry.convention_ending import running
from registry.processing.differences import french_day

TOLD = frozenset({"controller", "delegate", "dpo", "secretariat"})
"""Who binds a party, advises it, or keeps the convention's papers: alerts are theirs to see."""
TERM_MONTHS = (6, 3, 1)
"""How long before the term the parties are told (convention art. 10: express renewal only)."""


@dataclass(frozen=True)
class Alert:
    """`kind` is stable; `since` is the day from which it is true, `due` the day it is about; `message` is French."""

    kind: str
    since: date
    due: date
    message: str


def alerts(convention: Convention, day: date, active: int) -> list[Alert]:
    """Every alert true on that day, oldest first. `active` counts the exchanges in operation, those with a frame of
    their own included."""
    families = (_term(convention, day, active), _notices(convention, day), _exits(convention, day))
    found = [*chain.from_iterable(families), *_committee(convention, day)]
    return sorted(found, key=lambda alert: (alert.since, alert.kind))


def _carried(active: int) -> str:
    if active == 0:
        return "Aucun échange en cours n'en dépend."
    one = active == 1
    return (
        f"{active} échange{'' if one else 's'} en cours {'est' if one else 'sont'} à rattacher à une reconduction "
        f"expresse ou à {'son' if one else 'leur'} propre cadre, à suspendre ou à clore."
    )


def _term(convention: Convention, day: date, active: int) -> Iterator[Alert]:
    document = convention.document
    term, terminated = in_force_until(document), _day(document.get("terminated_on"))
    if terminated is not None and terminated <= day:
        message = f"La convention a pris fin le {french_day(terminated)} : les engagements ont cessé. L'obligation de "
        message += "confidentialité de l'article 14 demeure, sans limite de durée."
        yield Alert("terminated", terminated, terminated, message)
    elif term < day:
        message = f"La convention a expiré le {french_day(term)}, sans reconduction expresse. {_carried(active)}"
        yield Alert("expired", term + timedelta(days=1), term, message)
    elif terminated is None:  # else a denunciation tells of its own last day
        for months in reversed(TERM_MONTHS):
            since = add_months(term, -months)
            if since <= day:
                ends = f"La convention prend fin le {french_day(term)}, dans {months} mois au plus."
                yield Alert(f"term_in_{months}_months", since, term, f"{ends} {_carried(active)}")
                return


def _notices(convention: Convention, day: date) -> Iterator[Alert]:
    for notice in running(convention.document):
        sent, available = date.fromisoformat(notice["sent_on"]), date.fromisoformat(notice["available_on"])
        name = _name(convention, notice["by"])
        if notice["ground"] == "denunciation":
            if day < available:
                message = (
                    f"{name} a dénoncé la convention le {french_day(sent)} : elle cessera le {french_day(available)}."
                )
                yield Alert("denounced", sent, available, message)
            else:
                message = f"La dénonciation de {name} a pris effet le {french_day(available)} : constatez-le."
                yield Alert("denunciation_due", available, available, message)
        elif day < available:
            message = (
                f"Une mise en demeure de {name} court depuis le {french_day(sent)}, jusqu'au {french_day(available)}."
            )
            yield Alert("formal_notice", sent, available, message)
        else:
            message = (
                f"Le délai de la mise en demeure de {name} est écoulé depuis le {french_day(available)} : {name} peut "
            )
            message += "résilier la convention, ou retirer sa mise en demeure."
            yield Alert("formal_notice_elapsed", available, available, message)


def _exits(convention: Convention, day: date) -> Iterator[Alert]:
    for party in convention.parties():
        exit_on = _day(party.get("exit_on"))
        if exit_on is None:
            continue
        since = add_months(exit_on, -max(TERM_MONTHS))
        if since <= day:
            verb = "quitte" if day <= exit_on else "a quitté"
            message = f"{party['name']} {verb} la convention : son dernier jour est le {french_day(exit_on)}."
            yield Alert("party_exit", since, exit_on, message)


def _committee(convention: Convention, day: date) -> Iterator[Alert]:
    if convention.status(day) != "in_force":
        return
    due = next_meeting_due(convention.document)
    if due < day:
        message = f"Le comité de pilotage devait se réunir au plus tard le {french_day(due)} (article 6)."
        yield Alert("committee_late", due + timedelta(days=1), due, message)
    members = sitting(convention.document, day)
    if members and (convention.document.get("committee") or {}).get("parity"):
        funds, communes = parity(convention, day)
        if funds != communes:
            since = max(date.fromisoformat(m["from"]) for m in members)
            message = f"Le comité de pilotage n'est pas à parité : {funds} pour la Caf, {communes} pour les communes."
            yield Alert("committee_parity", since, since, message)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _name(convention: Convention, party: str) -> str:
    record: Mapping[str, Any] = convention.party(party) or {}
    return str(record.get("name") or party)
