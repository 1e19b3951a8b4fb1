"""What the matrix of rights needs: a world where everybody stands everywhere, and what to send to every route."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from registry.exchange.acts import ACTS
from registry.gate.people.invitations import make
from registry.storage.accounts import account_for, grant, issue_token, token_hash
from registry.storage.accounts_invitations import Absence, declare
from registry.storage.accounts_sessions import open_session, session_hash
from registry.storage.accounts_tokens import live_tokens
from registry.storage.events import SYSTEM
from registry.storage.outbox import end_mail, post
from schemas import enumeration
from server.api.operations import OPERATIONS
from tests.minimal import minimal
from tests.wire import Answered, Undoing, call
from tests.world import CAF, CONVENTION, OULLINS, SGL, World, email, request_document

if TYPE_CHECKING:
    from server.served import Served

OUTSIDE = "ailleurs"
"""A party of no convention."""
SECRET_TEXT = "Texte que seule Oullins connaît"
ORIGIN = "http://ecluse.example"
MISSING = "99999999-9999-4999-8999-999999999999"


@dataclass(frozen=True)
class Persona:
    """Somebody with one function for one party; their token and their session."""

    party: str
    role: str
    account: str
    token: str
    token_id: str
    session: str

    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def browser(self) -> dict[str, str]:
        csrf = hmac.new(self.session.encode(), b"csrf", hashlib.sha256).hexdigest()
        return {"cookie": f"ecluse={self.session}", "origin": ORIGIN, "x-csrf-token": csrf}


@dataclass
class Everything:
    """The world, its people, and an object of each kind for each party."""

    world: World
    personas: list[Persona]
    exchanges: dict[str, str] = field(default_factory=dict)
    of_party: dict[str, dict[str, str]] = field(default_factory=dict)

    def persona(self, party: str, role: str) -> Persona:
        return next(one for one in self.personas if (one.party, one.role) == (party, role))

    async def ask(
        self, route: Served, path: str, who: dict[str, str], *, form: dict[str, Any] | None = None
    ) -> Answered:
        """Call a route with the least body that it admits."""
        headers, body = sent(route, path, form or {})
        if route.page and form is not None and "x-csrf-token" in who:
            body = urlencode({"_csrf": who["x-csrf-token"], **form}, doseq=True).encode()
        return await call(self.world.app, route.method, path, {**headers, "accept": "application/json", **who}, body)


def sent(route: Served, path: str, form: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Headers and body of the least call that a route admits."""
    if route.method in {"GET", "DELETE"}:
        return {}, b""
    if route.page:
        return {"content-type": "application/x-www-form-urlencoded"}, urlencode(form, doseq=True).encode()
    schema = schema_of(path)
    if schema == "upload" or path.endswith("/attachments"):
        return {"content-type": "multipart/form-data; boundary=xx"}, _multipart(path)
    body = json.dumps(_document(schema)).encode() if schema else b""
    return {"content-type": "application/json", "if-match": '"1"'}, body


def _document(schema: str) -> Any:
    """The least document of a schema; the act that a device would sign is one as well."""
    found = minimal(schema)
    if schema == "device_offer":
        found["body"] = minimal(ACTS[found["act"]].schema)
    return found


def _multipart(path: str) -> bytes:
    fields = {"kind": "article_14_notice", "dated_on": "2023-03-01"} if path.endswith("/attachments") else {}
    parts = [f'--xx\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    file = '--xx\r\nContent-Disposition: form-data; name="file"; filename="p.txt"\r\nContent-Type: text/plain\r\n\r\nabc\r\n'
    return "".join([*parts, file, "--xx--\r\n"]).encode()


def schema_of(path: str) -> str | None:
    """The schema of the body that an address of the API takes."""
    parts = path.removeprefix("/api/v1").split("/")
    for operation in OPERATIONS:
        template = operation.path.split("/")
        fits = len(template) == len(parts) and all(
            t.startswith("{") or t == p for t, p in zip(template, parts, strict=True)
        )
        if fits and operation.body:
            return operation.body
    return None


async def everything(world: World) -> Everything:
    """Two exchanges that Saint-Genis-Laval and the Caf share, one asked by each; one of Oullins alone; all withdrawn, so
    that an act which the table gives is refused for the state alone, and nobody's further rules speak."""
    asked = await world.under_study()
    pushed = await world.create(request_document(), CAF)
    await world.ok((CAF, "requester"), "POST", f"/requests/{pushed}/filing", {}, version=1)
    alone = await world.create(request_document(requester=OULLINS, title=f"{SECRET_TEXT} ({OULLINS})"), OULLINS)
    for request_id, party in ((asked, SGL), (pushed, CAF), (alone, OULLINS)):
        await world.attach(request_id, "article_14_notice", (party, "requester"))
        await world.ok((party, "requester"), "POST", f"/requests/{request_id}/withdrawal", minimal("withdrawal"))
    of_party: dict[str, dict[str, str]] = {}
    for party in (CAF, SGL, OULLINS):
        record = minimal("register_entry")
        record["record"]["title"] = f"{SECRET_TEXT} ({party})"
        entry = await world.ok((party, "records_manager"), "POST", f"/parties/{party}/register/entries", record)
        processed = minimal("processor_entry")
        made = await world.ok(
            (party, "records_manager"), "POST", f"/parties/{party}/register/processor-entries", processed
        )
        path, url = f"/parties/{party}/webhooks", {"url": f"https://{party}.example/annonces"}
        webhook = await world.ok((party, "administrator"), "POST", path, url)
        of_party[party] = {
            "entry": entry["entry"], "processor_entry": made["entry"], "webhook": webhook["id"],
        }  # fmt: skip
    personas = await world.gate.engine.transact(lambda tx: _people(tx, world, of_party))
    found = Everything(world, personas, {"asked": asked, "pushed": pushed, "alone": alone}, of_party)
    await _jobs(found)
    await world.published()
    world.gate.engine = Undoing(world.gate.engine)
    world.gate._recorded = lambda _: None  # nothing is to be learnt of what is undone
    return found


async def _people(tx: Any, world: World, of_party: dict[str, dict[str, str]]) -> list[Persona]:
    now, found = world.calendar(), []
    for party in (CAF, SGL, OULLINS, OUTSIDE):
        for role in enumeration("role"):
            if party == OUTSIDE and role not in {"controller", "administrator", "auditor"}:
                continue
            account = await account_for(tx, email(party, role) if party != OUTSIDE else f"{role}@{party}.example", now)
            if role == "delegate" or party == OUTSIDE:
                await grant(tx, account, party, [role], date(2021, 1, 1), None)
            token = world.tokens.get((party, role)) or await issue_token(tx, account, party, now, 3650)
            session = await open_session(tx, account, "open", now, "essai", factor=True)
            await tx.execute("UPDATE session SET party = ? WHERE hash = ?", party, session_hash(session))
            token_id = await tx.value("SELECT id FROM token WHERE hash = ?", token_hash(token))
            found.append(Persona(party, role, account, token, token_id, session))
    for party, objects in of_party.items():
        await _objects(tx, world, party, objects, {p.role: p.account for p in found if p.party == party})
    return found


async def _objects(tx: Any, world: World, party: str, objects: dict[str, str], people: dict[str, str]) -> None:
    """What the administrator's forms name: a colleague, an invitation, an absence, a token."""
    session = world.gate._session(tx, _nobody(), world.calendar(), confirmed=True)
    objects["mail"] = await post(tx, "digest", world.calendar(), account=people["auditor"])
    await end_mail(tx, objects["mail"], "failed", world.calendar())
    invited = await make(session, f"invite@{party}.example", party, ["requester"], None, SYSTEM)
    absence = Absence(
        f"absence-{party}", people["requester"], party, people["it_security"], "2023-03-01", "2023-03-02",
        people["requester"], "2023-03-01T00:00:00.000Z",
    )  # fmt: skip
    await declare(tx, absence)
    tokens = await live_tokens(tx, party, world.calendar(), account=people["requester"])
    objects |= {
        "account": people["business_referent"], "invitation": invited.invitation.id, "absence": absence.id,
        "token": tokens[0].id, "absent": people["requester"],
    }  # fmt: skip


def _nobody() -> Any:
    from registry.exchange.context import Actor

    return Actor(SYSTEM, "", frozenset())


async def _jobs(found: Everything) -> None:
    """An export and an inspector's pack of each party, that nobody makes."""
    world = found.world
    jobs = world.app.state.jobs
    jobs.start, jobs.stop = (lambda _: None), (lambda _: None)
    for party, objects in found.of_party.items():
        asked = await world.ok((party, "auditor"), "POST", f"/parties/{party}/register/exports", {"format": "json"})
        objects["export"] = asked["id"]
        who = found.persona(party, "auditor").browser()
        form = urlencode({"_csrf": who["x-csrf-token"], "as_of": "2023-03-01"}).encode()
        headers = {**who, "content-type": "application/x-www-form-urlencoded"}
        made = await call(world.app, "POST", "/inspection/pieces", headers, form)
        objects["pack"] = made.headers["location"].rpartition("/")[2]


PLAIN = {
    "convention": CONVENTION, "document": "request", "check": "CONS-03", "number": "1", "name": "request",
    "secret": "x", "owner": CONVENTION, "year": "2023", "place": "0/000.p/1", "part": "opportunity", "revision": "1",
    "digest": hashlib.sha256("Pièce article_14_notice.".encode()).hexdigest(),
    "slug": "opinion", "target": "1", "stage": "holder", "identifier": MISSING, "job": MISSING, "token": "x",
}  # fmt: skip
"""What fills the parameters of paths that are the same for everybody."""


def form_of(objects: dict[str, str]) -> dict[str, Any]:
    """A field of every name that a form of ours has."""
    return {
        "email": "nouveau@exemple.fr", "roles": "requester", "role": "business_referent", "until": "2023-12-31",
        "as_of": "2023-03-01", "starts": "2023-03-02", "ends": "2023-03-03", "substitute": "x@exemple.fr",
        "user": "x@exemple.fr", "person": "x@exemple.fr", "valid_from": "2023-03-01", "from": "2023-03-01",
        "name": "Essai", "scopes": "read", **objects,
    }  # fmt: skip
