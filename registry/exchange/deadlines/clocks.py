"""The clocks of an exchange: how long each step has taken, and when it is due.

A clock that runs out alerts and may make an act available; none ever acts, and nothing is decided by silence
(article 7 sets no deadline and no rule of silence). Pure: file, convention and day in, clocks out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from registry.clock import paris_day
from registry.convention import Convention
from registry.exchange.acts import ACTS
from registry.exchange.awaited import Awaited, awaited
from registry.exchange.deadlines.levels import Level, level_of
from registry.exchange.deadlines.stops import Stop, due_date, stopped_days, stops_of, within
from registry.exchange.file import STUDY_PARTS, File, InformationRequest
from registry.exchange.life import Incident

ENDED = frozenset({"outside_procedure", "inadmissible", "refused", "withdrawn", "dropped", "lapsed", "closed"})
"""States in which no step of the procedure is waited for."""
LABELS = {
    "acknowledgement": "Accusé de réception",
    "admissibility": "Recevabilité",
    "study": "Étude",
    "dpo_opinion": "Avis du délégué à la protection des données",
    "decision": "Décision",
    "whole_file_target": "Dossier complet",
    "whole_file_alert": "Dossier complet, alerte",
    "information": "Compléments",
    "information_drop": "Classement sans suite possible",
    "cnil_referral": "Réponse de la CNIL",
    "cnaf_referral": "Réponse de la Cnaf",
    "recommendation": "Recommandation n° {subject}",
    "lapse": "Constat de caducité possible",
    "review": "Revue de l'échange",
    "closure_certificate": "Attestation de destruction ou de restitution",
    "incident_told": "Incident n° {subject} : autre partie à informer",
    "breach_notification": "Incident n° {subject} : notification à la CNIL",
    "objection": "Demandes de personnes n° {subject}",
    "regularisation": "Régularisation de l'échange existant",
}
_REFERRED = frozenset({"referred", "active", "suspended"})
_STARTED = frozenset({"under_study", "referred", "awaiting_information", "awaiting_decision"})


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock on a day. Days are calendar days; `unit` is that of `length`, both None when nothing sets it.

    `parties` and `roles` are waited for, none while it is stopped or once it ended. `due_on` is the last day of the
    delay, put off by stops; None while stopped. `past_due`: ended or still running after that day. With `opens`, the
    name of an act, `due_on` is the first day on which somebody may do it, and `past_due` says that they may.
    """

    name: str
    subject: str
    parties: list[str]
    roles: list[str]
    started_on: date
    ended_on: date | None
    stops: list[Stop]
    elapsed_days: int
    net_days: int
    length: int | None
    unit: str | None
    due_on: date | None
    past_due: bool
    opens: str | None = None

    @property
    def label(self) -> str:
        """What the clock measures, in words."""
        return LABELS[self.name].format(subject=self.subject)

    @property
    def stopped(self) -> bool:
        """Whether the clock is stopped now."""
        return self.ended_on is None and any(stop.resumed_on is None for stop in self.stops)


def clocks(file: File, convention: Convention, today: date, *, standing: bool = True) -> list[Clock]:
    """Every clock of the exchange that runs or has run, in the order of the procedure; none of an erased one.

    `standing`: the parties waited for are those that hold the rights of the file's parties that day."""
    if file.erased_on is not None:
        return []
    reader = _Reader(file, convention, today, standing)
    return [*reader.procedure(), *reader.complements(), *reader.referrals(), *reader.afterwards(), *reader.life()]


@dataclass(frozen=True)
class _Reader:
    file: File
    convention: Convention
    today: date
    standing: bool

    def procedure(self) -> Iterator[Clock]:
        """From the filing to the decision: these clocks stop together."""
        file, filed = self.file, self.file.requalified_on or self.file.filed_on
        if filed is None:
            return
        yield self._step("acknowledgement", filed, _first_answer(file, filed), "admission")
        yield self._step("admissibility", filed, _since(file.acknowledged_on, filed), "admission")
        if file.admitted_on is not None:
            yield self._step("study", file.admitted_on, _study_end(file), "study")
            opinion = file.opinion.signed_on if file.opinion and file.opinion_complete else None
            yield self._step("dpo_opinion", file.admitted_on, opinion, "opinion")
            yield from self._decision()
        for name in ("whole_file_target", "whole_file_alert"):
            yield self._step(name, filed, _decision_day(file), "")

    def _decision(self) -> Iterator[Clock]:
        file = self.file
        study, opinion = _study_end(file), file.opinion
        if study is not None and opinion is not None and file.opinion_complete:
            yield self._step("decision", max(study, opinion.signed_on), _decision_day(file), "decision")

    def complements(self) -> Iterator[Clock]:
        """Each request for complements; passing it opens its dropping, an act of the studying party (CYC-04)."""
        file = self.file
        for number, asked in enumerate(file.information_requests, 1):
            is_open = asked.answered_on is None
            ended = None if is_open and file.state == "awaiting_information" else asked.answered_on or file.state_since
            level = Level((asked.due_on - asked.requested_on).days, "days")
            yield self._clock("information", str(number), asked.requested_on, ended, level, "information")
            if ended is None:
                first = dropping_opens_on(asked, self.convention, file)
                yield self._opening("information_drop", asked.requested_on, first, "dropping")

    def referrals(self) -> Iterator[Clock]:
        """Each referral: the CNIL has eight weeks for a prior consultation (GDPR art. 36(2)), the Cnaf no set time."""
        file = self.file
        for referral in file.referrals:
            ended = referral.answered_on or (None if file.state in _REFERRED else file.state_since)
            name = f"{referral.body}_referral"
            level = level_of("cnil_prior_consultation", self.convention, file) if referral.body == "cnil" else None
            yield self._clock(name, referral.body, referral.referred_on, ended, level, "return")

    def afterwards(self) -> Iterator[Clock]:
        """Once decided: recommendations, the lapse of an unused approval, the review, the certificate of the end."""
        file = self.file
        yield from self._recommendations()
        if file.decision is not None and file.state in ACTS["lapse"].states:
            level = level_of("lapse", self.convention, file)
            yield self._opening("lapse", file.decision.decided_on, level.after(file.decision.decided_on), "lapse")
        if file.activated_on is not None and file.next_review_on is not None and file.state == "active":
            yield self._until("review", file.activated_on, file.next_review_on, _both(file), ("business_referent",))
        if file.state == "closing" and file.closing is not None:
            roles, ended = ACTS["certificate"].roles, file.closing
            yield self._until("closure_certificate", ended.ended_on, ended.certificate_due_on, (file.requester,), roles)

    def life(self) -> Iterator[Clock]:
        """What happened to the exchange: incidents (GDPR art. 33), what data subjects asked (art. 12(3), 19), and an
        exchange that ran before it was asked for."""
        file = self.file
        for incident in file.incidents:
            yield from self._incident(incident)
        for objection in file.objections:
            if objection.applied_on is None:
                party = objection.party if objection.forwarded_on is None else _other(file, objection.party)
                due = level_of("rights_request", self.convention, file).after(objection.received_on)
                roles = ACTS["objection-status"].roles
                yield self._until("objection", objection.received_on, due, (party,), roles, str(objection.number))
        if file.regularisation is not None and file.activated_on is None and file.state not in ENDED:
            parties, roles = _together(awaited(file))
            start, due = file.created_on, file.regularisation.deadline
            yield self._until("regularisation", start, due, parties or _both(file), roles)

    def _incident(self, incident: Incident) -> Iterator[Clock]:
        if incident.closed_on is not None:
            return
        roles, number, found = ACTS["incident-status"].roles, str(incident.number), incident.discovered_on
        if incident.other_party_informed_on is None:  # « sans délai »: the day it was recorded
            yield self._until("incident_told", found, incident.reported_on, (incident.party,), roles, number)
        if incident.notification_awaited and incident.notify_by is not None:
            due = paris_day(datetime.fromisoformat(incident.notify_by))
            yield self._until("breach_notification", found, due, (incident.party,), roles, number)

    def _recommendations(self) -> Iterator[Clock]:
        file = self.file
        if file.decision is None or file.state not in ACTS["recommendations"].states:
            return
        for one in file.recommendations:
            if one.due_on is None or one.lifted:
                continue
            # Once done, its proof waits for the DPO, who alone accepts it.
            party = file.holder if one.status == "done" else one.owner or file.requester
            roles = ("dpo",) if one.status == "done" else ACTS["recommendations"].roles
            start = file.decision.decided_on
            yield self._until("recommendation", start, one.due_on, (party,), roles, str(one.number))

    def _step(self, name: str, start: date, end: date | None, act: str) -> Clock:
        """A clock of the procedure; it ends with the procedure at the latest."""
        file = self.file
        if end is None and file.state not in {"filed", *_STARTED}:
            end = file.state_since
        return self._clock(name, "", start, end, level_of(name, self.convention, file), act, stops_of(file))

    def _clock(
        self, name: str, subject: str, start: date, end: date | None, level: Level | None, act: str,
        stops: list[Stop] | None = None,
    ) -> Clock:  # fmt: skip
        last = max(start, end or self.today)
        own = within(stops or [], start, last, running=end is None)
        due = due_date(level, start, own) if level is not None else None
        stopped = any(stop.resumed_on is None for stop in own)
        parties, roles = self._waited_for(act) if end is None and not stopped else ((), ())
        elapsed = (last - start).days
        return Clock(
            name=name,
            subject=subject,
            parties=self._standing(parties),
            roles=list(roles),
            started_on=start,
            ended_on=end and last,
            stops=own,
            elapsed_days=elapsed,
            net_days=elapsed - stopped_days(own, last),
            length=level and level.value,
            unit=level and level.unit,
            due_on=due,
            past_due=due is not None and last > due,
        )

    def _until(
        self, name: str, start: date, due: date, parties: tuple[str, ...], roles: tuple[str, ...], subject: str = ""
    ) -> Clock:
        """A running clock whose last day is written in the file."""
        days = max((self.today - start).days, 0)
        return Clock(
            name=name, subject=subject, parties=self._standing(parties), roles=list(roles), started_on=start,
            ended_on=None, stops=[], elapsed_days=days, net_days=days, length=None, unit=None, due_on=due,
            past_due=self.today > due,
        )  # fmt: skip

    def _opening(self, name: str, start: date, first: date, act: str) -> Clock:
        """A running clock that makes an act available from `first`."""
        parties, roles = _doers(self.file, act)
        running = self._until(name, start, first, parties, roles)
        return msgspec.structs.replace(running, past_due=self.today >= first, opens=act)

    def _waited_for(self, act: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Whoever the step waits for now: those of its own act, or of any act for the whole file."""
        waiting = [one for one in awaited(self.file) if one.act.name.startswith(act)]
        if waiting or act in {"", "study"}:
            return _together(waiting)
        return _doers(self.file, act)

    def _standing(self, parties: tuple[str, ...]) -> list[str]:
        if not self.standing:
            return list(parties)
        return list(dict.fromkeys(self.convention.stands_for(party, self.today) for party in parties))


def dropping_opens_on(asked: InformationRequest, convention: Convention, file: File) -> date:
    """The first day on which a file without its complements may be dropped: after the delay, and after the day given
    for the answer (CYC-04)."""
    earliest = level_of("information_drop", convention, file).after(asked.requested_on)
    return max(earliest, Level(1, "days").after(asked.due_on))


def _together(waiting: list[Awaited]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    parties = dict.fromkeys(party for one in waiting for party in one.parties)
    return tuple(parties), tuple(dict.fromkeys(role for one in waiting for role in one.roles))


def _doers(file: File, act: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    sides = {
        "requester": file.requester,
        "holder": file.holder,
        "studying": file.studying_party,
        "initiator": file.initiated_by,
    }
    named = (sides[side] for side in ACTS[act].sides if sides.get(side))
    return tuple(dict.fromkeys(named)), ACTS[act].roles


def _other(file: File, party: str) -> str:
    return file.requester if party == file.holder else file.holder


def _both(file: File) -> tuple[str, ...]:
    return (file.requester, file.holder)


def _since(day: date | None, start: date) -> date | None:
    """A day that belongs to the clock that started then: not one of before the file was requalified."""
    return day if day is not None and day >= start else None


def _first_answer(file: File, start: date) -> date | None:
    """The studying party's first answer: admissibility, or a request for complements."""
    answers = [_since(file.acknowledged_on, start), *(_since(a.requested_on, start) for a in file.information_requests)]
    return min((day for day in answers if day is not None), default=None)


def _study_end(file: File) -> date | None:
    if not file.study_complete:
        return None
    return max(file.study[part].concluded_on for part in STUDY_PARTS)


def _decision_day(file: File) -> date | None:
    """The day of a decision that ended the procedure; a wait for conditions does not."""
    if file.decision is None or file.decision.value == "awaiting_conditions" or file.state in _STARTED:
        return None
    return file.decision.decided_on
