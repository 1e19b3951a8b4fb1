"""Incidents of an exchange: recorded, told to the other party, notified within 72 hours (GDPR art. 33), closed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from registry.clock import timestamp
from registry.exchange.context import Context
from registry.exchange.deadlines.levels import level_of
from registry.exchange.decide.command import Command
from registry.exchange.decide.life import own_name, require_past
from registry.exchange.events import Event
from registry.exchange.file import File
from registry.exchange.life import Incident
from registry.refusals import AlreadyDone, Detail, GateClosed, Invalid, NotFound

_PARIS = ZoneInfo("Europe/Paris")


def report(file: File, command: Command, context: Context) -> list[Event]:
    """An incident of the exchange; the instant at which a breach is to be notified is reckoned once."""
    require_past(command, context, "discovered_on", "other_party_informed_on", "cnil_notified_on")
    discovered = date.fromisoformat(command.body["discovered_on"])
    details = [] if file.activated_on is None else _too_early(command, file.activated_on, "discovered_on")
    details += _too_early(command, discovered, "other_party_informed_on", "cnil_notified_on")
    if details:
        raise Invalid("Les dates se contredisent.", details)
    breach = command.body["personal_data_breach"]
    hour = command.body.get("discovered_at")
    if hour is not None and context.now is not None and _instant(discovered, hour) > context.now:
        message = "Cette heure est à venir."
        raise Invalid(message, [Detail(pointer="/discovered_at", message=message)])
    due = _notify_by(file, discovered, hour, context) if breach else None
    return [command.event(context, number=len(file.incidents) + 1, party=own_name(file, context), notify_by=due)]


def _too_early(command: Command, first: date, *keys: str) -> list[Detail]:
    return [
        Detail(pointer=f"/{key}", message=f"Cette date précède le {first:%d/%m/%Y}.")
        for key in keys
        if (day := command.date(key)) is not None and day < first
    ]


def _notify_by(file: File, discovered: date, hour: str | None, context: Context) -> str:
    """The end of the delay, from the hour of the discovery; from the first of that day when nobody gave it."""
    return timestamp(
        _instant(discovered, hour) + timedelta(hours=level_of("breach_notification", context.convention, file).hours)
    )


def _instant(day: date, hour: str | None) -> datetime:
    return datetime.combine(day, time.fromisoformat(hour or "00:00"), _PARIS).astimezone(UTC)


def follow(file: File, command: Command, context: Context) -> list[Event]:
    """What was done since. An incident is closed once the other party knows of it and a breach is notified, or said
    with reasons to be without risk for the persons."""
    incident = _incident(file, command)
    body = {key: value for key, value in command.body.items() if value is not None and value is not False}
    if not body and command.body.get("personal_data_breach") is None:
        raise Invalid("Indiquez ce qui a été fait.", [Detail(pointer="", message="Une suite au moins est attendue.")])
    if incident.closed_on is not None:
        raise AlreadyDone(f"Cet incident est clos depuis le {incident.closed_on:%d/%m/%Y}.")
    require_past(command, context, "other_party_informed_on", "cnil_notified_on")
    if details := _too_early(command, incident.discovered_on, "other_party_informed_on", "cnil_notified_on"):
        raise Invalid("Les dates se contredisent.", details)
    breach = command.body.get("personal_data_breach")
    if body.get("closed"):
        _require_settled(incident, command, breach=incident.personal_data_breach if breach is None else breach)
    due = incident.notify_by
    if breach is True and due is None:
        due = _notify_by(file, context.today, None, context)  # the breach is known from the day it is recognised as one
    return [command.event(context, number=incident.number, notify_by=due)]


def _incident(file: File, command: Command) -> Incident:
    for incident in file.incidents:
        if str(incident.number) == command.target:
            return incident
    raise NotFound(f"Ce dossier n'a pas d'incident n° {command.target}.")


def _require_settled(incident: Incident, command: Command, *, breach: bool) -> None:
    body, missing = command.body, []
    if not (incident.other_party_informed_on or body.get("other_party_informed_on")):
        missing.append(Detail(pointer="/other_party_informed_on", message="L'autre partie n'est pas informée."))
    reasons = incident.not_notified_reasons or (body.get("not_notified_reasons") or "").strip()
    if breach and not (incident.cnil_notified_on or body.get("cnil_notified_on") or reasons):
        missing.append(
            Detail(pointer="/cnil_notified_on", message="Notifiez la CNIL, ou dites pourquoi elle ne l'est pas.")
        )
    if missing:
        raise GateClosed("L'incident ne peut pas encore être clos.", missing)
