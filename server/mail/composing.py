"""The text of a mail, from what it tells: reference, plain words, link. Nothing that anybody typed, and no name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from cryptography.fernet import MultiFernet
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from registry.exchange.acts import ACTS
from registry.gate.reminding import OF_CONVENTION
from registry.storage.notices import Notice
from registry.storage.outbox import Mail
from schemas import label
from server.mail import unsubscribe
from server.mail.calendar import Deadline, calendar

_SUBJECTS = {
    "awaited": "Un dossier attend votre acte",
    "answered": "Une réponse dans votre dossier",
    "reminder": "Échéances à venir ou dépassées",
    "digest": "Ce qui a changé dans vos dossiers",
    "invitation": "Invitation à rejoindre Écluse",
}
_ALERTS = {
    "term_in_6_months": "la convention prend fin dans moins de six mois",
    "term_in_3_months": "la convention prend fin dans moins de trois mois",
    "term_in_1_months": "la convention prend fin dans moins d'un mois",
    "expired": "la convention a expiré",
    "terminated": "la convention a pris fin",
    "denounced": "la convention est dénoncée",
    "denunciation_due": "la dénonciation a pris effet : à constater",
    "formal_notice": "une mise en demeure court",
    "formal_notice_elapsed": "le délai d'une mise en demeure est écoulé",
    "party_exit": "une partie quitte la convention",
    "committee_late": "le comité de pilotage devait se réunir",
    "committee_parity": "le comité de pilotage n'est pas à parité",
}
"""What each alert of a convention is called in a mail: nothing that anybody typed."""
_STAGES = {
    "soon": "échéance le {day}",
    "today": "échéance aujourd'hui, {day}",
    "overdue": "échéance passée depuis le {day}",
}


@dataclass(frozen=True)
class Writer:
    """What every mail of an installation shares: `origin` of its links, `host` of its identifiers, its sender."""

    origin: str
    host: str
    sender: str
    secrets: MultiFernet

    def told(self, mail: Mail, notices: Sequence[Notice]) -> EmailMessage:
        """A mail that tells notices, with the two ways to receive no more of its kind."""
        stop = f"{self.origin}{unsubscribe.PATH}/{unsubscribe.token(self.secrets, mail.account or '', mail.kind)}"
        lines = [_line(notice, self._place(notice)) for notice in notices]
        reminder = mail.kind == "reminder"
        about = f" : {notices[0].reference}" if len({notice.exchange for notice in notices}) == 1 else ""
        message = self._message(mail, f"{_SUBJECTS[mail.kind]}{about}")
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        _write(message, "told", {"lines": lines, "title": _SUBJECTS[mail.kind], "stop": stop, "origin": self.origin})
        if reminder:
            self._attach(message, mail, notices)
        return message

    def invitation(self, mail: Mail, link: str, until: datetime) -> EmailMessage:
        """The link of an invitation, to its only reader."""
        message = self._message(mail, _SUBJECTS["invitation"])
        url = f"{self.origin}/invitation/{link}"
        shown = {"url": url, "until": _day(until.date()), "title": _SUBJECTS["invitation"], "origin": self.origin}
        _write(message, "invited", shown)
        return message

    def _message(self, mail: Mail, subject: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = f"Écluse <{self.sender}>"
        message["To"] = mail.address
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.fromisoformat(mail.created_at))
        message["Message-ID"] = f"<{mail.id}@{self.host}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "fr"
        return message

    def _place(self, notice: Notice) -> str:
        return f"{self.origin}/echanges/{notice.exchange}" if notice.exchange else f"{self.origin}/convention"

    def _attach(self, message: EmailMessage, mail: Mail, notices: Sequence[Notice]) -> None:
        deadlines = [
            Deadline(
                f"{n.exchange or n.reference}-{n.due_on:%Y%m%d}@{self.host}", n.due_on, f"{n.reference} – {_about(n)}",
                self._place(n),
            )
            for n in notices if n.due_on is not None
        ]  # fmt: skip
        content = calendar(deadlines, datetime.fromisoformat(mail.created_at)).decode()
        message.add_attachment(content, subtype="calendar", filename="echeances.ics", params={"method": "PUBLISH"})


def _line(notice: Notice, url: str) -> dict[str, str]:
    return {"reference": notice.reference, "sentence": _SENTENCES[notice.kind](notice), "url": url}


def _awaited(notice: Notice) -> str:
    due = f" (échéance : {_day(notice.due_on)})" if notice.due_on is not None else ""
    return f"attend votre acte : {_lower(ACTS[notice.about].label)}{due}"


def _answered(notice: Notice) -> str:
    return f"est maintenant dans l'état « {label('state', notice.about)} »"


def _reminder(notice: Notice) -> str:
    stage, _, _ = notice.about.partition(" ")
    day = _day(notice.due_on) if notice.due_on is not None else ""
    if stage == OF_CONVENTION:
        return f"{_about(notice)} ({day})"
    return f"{_about(notice)} : {_STAGES[stage].format(day=day)}"


def _about(notice: Notice) -> str:
    """What a reminder is about: the label of a clock, or what the convention's calendar says."""
    stage, _, what = notice.about.partition(" ")
    return _ALERTS[what] if stage == OF_CONVENTION else what


_SENTENCES = {"awaited": _awaited, "answered": _answered, "reminder": _reminder}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _day(day: date) -> str:
    text = format_date(day, "d MMMM y", locale="fr")
    return f"1er{text[1:]}" if day.day == 1 else text


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _write(message: EmailMessage, name: str, shown: dict[str, Any]) -> None:
    """The text, and the same as HTML."""
    message.set_content(_templates().get_template(f"{name}.txt").render(shown))
    message.add_alternative(_templates().get_template(f"{name}.html").render(shown), subtype="html")
