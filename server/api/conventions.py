"""Conventions and parties: read, amend, renew, end, record a succession, designate, delegate; the committee's life."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.conformity import check_convention, described, readable, rules_of
from registry.conformity.terms import in_force_until
from registry.convention import Convention
from registry.convention_alerts import Alert, alerts
from registry.convention_command import ConventionCommand
from registry.gate import Answer
from registry.gate.conventions import act, convention_of_party, read_convention, shown
from registry.gate.session import Session
from registry.refusals import NotFound
from registry.storage.findings import active_count
from server.api.http import Call, answer, caller, document, gate_of, proof, raw_body, slug_of


async def _document(session: Session, convention: Convention) -> dict[str, Any]:
    active = await active_count(session.tx, convention.id)
    found, rules = check_convention(active, convention.document, session.today), rules_of(convention.document)
    return {
        **await shown(session, convention),
        "status_today": convention.status(session.today),
        "in_force_until": in_force_until(convention.document).isoformat(),
        "today": session.today.isoformat(),
        "findings": [described(finding, rules) for finding in found],
        "alerts": [_alert(alert) for alert in alerts(convention, session.today, active)],
    }


def _alert(alert: Alert) -> dict[str, str]:
    return {
        "kind": alert.kind,
        "since": alert.since.isoformat(),
        "due": alert.due.isoformat(),
        "message": alert.message,
    }


@get("/conventions/{convention:str}", name="read_convention")
async def read(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """Parties, term, amendments, settings, and the convention's status today."""
    slug = slug_of(convention)

    async def work(session: Session) -> dict[str, Any]:
        return await _document(session, await read_convention(session, slug))

    return answer(await gate_of(request).read(caller(request), work))


async def _perform(request: Call, convention: str | None, command: ConventionCommand, body: bytes) -> Response[bytes]:
    """Record an act on a convention (that of the party when none is named) and answer the convention."""
    who, gate = caller(request, body), gate_of(request)

    async def work(session: Session) -> Answer[dict[str, Any]]:
        found = convention or await convention_of_party(session, session.actor.party)
        done = await act(session, found, command)
        if done.value is None:
            raise NotFound("Cette convention n'existe pas.")
        return Answer(await _document(session, done.value), done.status, done.location)

    done = await gate.write(who, work)
    content = done.value
    if content is None:
        slug = (done.location or "").rsplit("/", 1)[-1]

        async def again(session: Session) -> dict[str, Any]:
            return await _document(session, (await session.convention(slug)).convention)

        content = await gate.read(who, again)
    # The act's own record comes first; those of exchanges that it stopped are for who may see them.
    own = done.made[0].object if done.made else None
    return answer({**content, **proof(done, own)}, done.status, location=done.location)


@post("/conventions/{convention:str}/amendments", name="record_amendment")
async def amend(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """Record a signed amendment; with `term`, an express renewal (convention, articles 10 and 11)."""
    body = await raw_body(request)
    command = ConventionCommand("amendment", document(request, body, "amendment"))
    return await _perform(request, slug_of(convention), command, body)


@post("/conventions/{convention:str}/successions", name="record_succession")
async def succeed(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """Record that a party succeeds others: their files and registers pass to it."""
    body = await raw_body(request)
    command = ConventionCommand("succession", document(request, body, "succession"))
    return await _perform(request, slug_of(convention), command, body)


_ACTS = {
    "notices": "termination_notice",
    "notice-withdrawals": "notice_withdrawal",
    "termination": "termination",
    "exits": "party_exit",
    "committee/members": "committee_member",
    "committee/departures": "committee_departure",
    "committee/meetings": "committee_meeting",
}
"""Acts on a convention whose body is a document of the same name as the act, by the end of their address."""


@post([f"/conventions/{{convention:str}}/{path}" for path in _ACTS], name="convention_act")
async def record(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """How a convention ends (articles 10 and 12), and the life of its steering committee (article 6)."""
    path = request.url.path.partition(f"/conventions/{convention}/")[2]
    body = await raw_body(request)
    command = ConventionCommand(_ACTS[path], document(request, body, _ACTS[path]))
    return await _perform(request, slug_of(convention), command, body)


@post("/parties/{party:str}/dpo-designations", name="designate_dpo")
async def designate(request: Call, party: FromPath[str]) -> Response[bytes]:
    """Designate a DPO, or an interim one, with dates (GDPR article 37)."""
    body = await raw_body(request)
    command = ConventionCommand("dpo_designation", document(request, body, "dpo_designation"), slug_of(party))
    return await _perform(request, None, command, body)


@post("/parties/{party:str}/delegations", name="delegate")
async def delegate(request: Call, party: FromPath[str]) -> Response[bytes]:
    """Record a dated delegation of signature by the party's controller."""
    body = await raw_body(request)
    command = ConventionCommand("delegation", document(request, body, "delegation"), slug_of(party))
    return await _perform(request, None, command, body)


@post("/parties/{party:str}/device-policy", name="set_device_policy")
async def set_device_policy(request: Call, party: FromPath[str]) -> Response[bytes]:
    """Whether the party's opinions and decisions are signed on their authors' own devices."""
    body = await raw_body(request)
    command = ConventionCommand("device_policy", document(request, body, "device_policy"), slug_of(party))
    return await _perform(request, None, command, body)


@get("/conventions/{convention:str}/checks", name="read_convention_checks")
async def read_checks(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """The catalogue as the convention applies it: its texts, its thresholds, the version its findings carry."""
    slug = slug_of(convention)

    async def work(session: Session) -> dict[str, Any]:
        return _rules(await read_convention(session, slug))

    return answer(await gate_of(request).read(caller(request), work))


def _rules(convention: Convention) -> dict[str, Any]:
    rules = rules_of(convention.document)
    return {
        "rules_version": rules.version,
        "settings": rules.settings,
        "severity_labels": rules.severity_labels,
        "adjustments": convention.document.get("checks") or {},
        "items": [readable(check) for check in rules.checks.values()],
    }


@post("/conventions/{convention:str}/checks", name="adjust_checks")
async def adjust_checks(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """Change texts and thresholds of the checks, for the whole convention; null gives the catalogue's own back."""
    body = await raw_body(request)
    command = ConventionCommand("check_adjustments", document(request, body, "check_adjustments"))
    return await _perform(request, slug_of(convention), command, body)


HANDLERS = [
    read, amend, succeed, record, designate, delegate, set_device_policy, read_checks, adjust_checks,
]  # fmt: skip
