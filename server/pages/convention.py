"""The convention as its parties live it: its term, its parties, its calendar, its committee; and its acts, each by
the form of its schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.authorisation import RIGHTS
from registry.committee import next_meeting_due, parity, sitting
from registry.conformity.terms import in_force_until
from registry.convention import Convention
from registry.convention_alerts import alerts
from registry.convention_command import ConventionCommand
from registry.convention_ending import running
from registry.exchanged_data import refuse_in_document
from registry.gate import Answer, Unauthenticated
from registry.gate.conventions import act, convention_of_party, read_convention, shown
from registry.gate.session import Session
from registry.refusals import Detail, Invalid, NotFound, Refusal
from registry.storage.findings import active_count
from schemas import violations
from server.api.http import gate_of, parameters
from server.auth.browser import CrossSite, caller_of
from server.pages.forms import LARGE, MANY, errors_of, posted
from server.pages.rendering import Call, page, redirect
from server.pages.schema_form import document_of, fields_of, last_row, noted, rearranged

CONVENTION = "/convention"
_MEETINGS = 10
_NO_NOTICE = "Aucun : un terme de la convention a été modifié sans avenant"


@dataclass(frozen=True)
class _Form:
    """An act of the convention as its page offers it."""

    act: str
    label: str
    right: str
    words: str


FORMS = {
    "avenant": _Form("amendment", "Enregistrer un avenant ou une reconduction", "convention.amendment",
                     "L'acte signé par toutes les parties. Avec un nouveau terme, c'est une reconduction expresse."),
    "sortie": _Form("party_exit", "Ne pas suivre la reconduction", "convention.ending",
                    "Votre partie quitte la convention à son terme ; les autres continuent."),
    "preavis": _Form("termination_notice", "Mettre en demeure ou dénoncer", "convention.ending",
                     "Le délai court de l'envoi de la lettre recommandée. Une mise en demeure ne met fin à rien par "
                     "elle-même ; une dénonciation fixe le dernier jour, six mois plus tard."),
    "retrait": _Form("notice_withdrawal", "Retirer un préavis", "convention.ending",
                     "La mise en demeure a été entendue, ou votre partie reste."),
    "resiliation": _Form("termination", "Résilier la convention", "convention.ending",
                         "Les engagements cessent aussitôt : tout échange qui n'a pas son propre cadre est suspendu le "
                         "jour même, pour toutes les parties."),
    "succession": _Form("succession", "Enregistrer une succession", "convention.succession",
                        "Une partie nouvelle prend la suite : dossiers, registres et fonctions lui passent le jour "
                        "même. Responsable de traitement, délégataires et délégué sont désignés à nouveau."),
    "membre": _Form("committee_member", "Ajouter un membre du comité", "convention.committee",
                    "Un siège est une fonction, sans nom de personne."),
    "depart": _Form("committee_departure", "Enregistrer le départ d'un membre", "convention.committee",
                    "Le siège est libre le lendemain."),
    "reunion": _Form("committee_meeting", "Enregistrer une réunion du comité", "convention.committee",
                     "Le comité se réunit au moins une fois par an. Il voit des totaux, jamais un dossier."),
}  # fmt: skip
"""The acts, by the end of their page's address."""


@dataclass(frozen=True)
class _Known:
    """The convention of the party that looks, and what its page needs."""

    convention: Convention
    document: dict[str, Any]
    active: int
    session: Session


async def _known(session: Session) -> _Known:
    convention = await read_convention(session, await convention_of_party(session, session.actor.party))
    return _Known(convention, await shown(session, convention), await active_count(session.tx, convention.id), session)


@get(CONVENTION, name="convention_page")
async def convention_page(request: Call) -> Response[str]:
    """The convention today."""
    given = parameters(request, ("fait", "lang"))
    known = await gate_of(request).read(caller_of(request), _known)
    convention, document, today = known.convention, known.document, known.session.today
    done = FORMS.get(given.get("fait", ""))
    view: dict[str, Any] = {
        "convention": document,
        "standing": convention.status(today),
        "until": in_force_until(document).isoformat(),
        "today": today.isoformat(),
        "active": known.active,
        "alerts": alerts(convention, today, known.active),
        "running": running(document),
        "members": sitting(document, today),
        "parity": parity(convention, today),
        "meeting_due": next_meeting_due(document).isoformat(),
        "meetings": list(reversed(document.get("committee_meetings", [])))[:_MEETINGS],
        "acts": [(slug, form) for slug, form in FORMS.items() if _offered(form, known)],
        "done": done.label if done else "",
        "names": {party["id"]: party["name"] for party in document["parties"]},
    }
    return page(request, "convention.html", **view)


def _offered(form: _Form, known: _Known) -> bool:
    """Whether the actor's functions open the act, and there is something for it to be about."""
    if not known.session.actor.roles & RIGHTS[form.right].roles:
        return False
    about = _choices(form.act, known)
    return all(about[name] for name in ("notice", "member") if name in about)


def _choices(act_name: str, known: _Known) -> dict[str, Sequence[tuple[str, str]]]:
    """The admitted answers that only this convention knows."""
    convention, today = known.convention, known.session.today
    parties: Sequence[tuple[str, str]] = [
        (str(p["id"]), str(p["name"])) for p in convention.parties() if convention.exists(p["id"], today)
    ]
    own = known.session.actor.party
    notices: list[tuple[str, str]] = [
        (n["id"], f"{n['reference']}, {n['sent_on']}")
        for n in running(known.document)
        if convention.stands_for(n["by"], today) == own
    ]
    members: list[tuple[str, str]] = [
        (m["id"], f"{m['function']}, {_name(known, m['party'])}") for m in sitting(known.document, today)
    ]
    asked: dict[str, dict[str, Sequence[tuple[str, str]]]] = {
        "notice_withdrawal": {"notice": notices},
        "termination": {"notice": [("", _NO_NOTICE), *notices]},
        "committee_member": {"party": parties},
        "committee_departure": {"member": members},
        "committee_meeting": {"present": parties},
        "succession": {"predecessors": parties},
    }
    return asked.get(act_name, {})


def _name(known: _Known, party: str) -> str:
    return str((known.convention.party(party) or {}).get("name") or party)


def _form_of(slug: str) -> _Form:
    if slug not in FORMS:
        raise NotFound("Cet acte n'existe pas.")
    return FORMS[slug]


_ACT = f"{CONVENTION}/actes/{{slug:str}}"


@get(_ACT, name="convention_act_page")
async def act_page(request: Call, slug: FromPath[str]) -> Response[str]:
    """The form of an act of the convention; a second factor is asked for before anything is typed."""
    parameters(request, ("lang",))
    form = _form_of(slug)

    async def work(session: Session) -> _Known:
        session.require(form.right)
        session.require_confirmation()
        return await _known(session)

    known = await gate_of(request).read(caller_of(request), work)
    return _page(request, slug, known, {})


def _page(
    request: Call,
    slug: str,
    known: _Known,
    answers: dict[str, Any],
    errors: dict[str, str] | None = None,
    sentence: str = "",
    status: int = 200,
    focus: str = "",
) -> Response[str]:
    form = FORMS[slug]
    fields = fields_of(form.act, None, answers, errors, choices=_choices(form.act, known), focus=focus)
    return page(
        request, "convention_act.html", status, form=form, slug=slug, fields=fields, sentence=sentence,
        said=noted(fields, errors or {}), convention=known.document,
    )  # fmt: skip


@post(_ACT, name="do_convention_act", status_code=303, request_max_body_size=LARGE)
async def do(request: Call, slug: FromPath[str]) -> Response[str]:
    """Record the act; or the form again, as it was typed, with what is wrong."""
    form, sent = _form_of(slug), await posted(request, LARGE, MANY)
    answers = document_of(form.act, sent.fields)
    known = await gate_of(request).read(caller_of(request), _known)
    if group := rearranged(sent.fields):
        return _page(request, slug, known, answers, focus=last_row(answers, group))
    body = {key: value for key, value in answers.items() if value is not None}

    async def work(session: Session) -> Answer[None]:
        _require_valid(form.act, body)
        await act(session, known.convention.id, ConventionCommand(form.act, body))
        return Answer(None)

    try:
        await gate_of(request).write(caller_of(request), work)
    except (CrossSite, Unauthenticated):
        raise
    except Refusal as refusal:
        wrong = errors_of(refusal)
        return _page(request, slug, known, answers, wrong["errors"], wrong["sentence"], refusal.status)
    return redirect(request, f"{CONVENTION}?fait={slug}")


def _require_valid(name: str, body: dict[str, Any]) -> None:
    found = violations(name, body)
    if found:
        raise Invalid(
            "Certaines réponses manquent ou ne conviennent pas.",
            [Detail(pointer=one.pointer, message=one.message) for one in found],
        )
    refuse_in_document(body)


HANDLERS = [convention_page, act_page, do]
