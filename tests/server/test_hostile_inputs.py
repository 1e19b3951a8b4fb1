"""Ten thousand hostile inputs a run: malformed bodies, injections in paths, queries and headers, ids guessed. Nothing breaks,
nothing changes, and nothing is learnt of what one may not see."""

from __future__ import annotations

import json
import random
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from litestar import Litestar

from schemas import violations
from server.app import routers
from server.served import Served, served
from tests.minimal import minimal
from tests.server.matrix import MISSING, PLAIN, Everything, everything, form_of, schema_of
from tests.wire import Answered, call
from tests.world import CAF, CONVENTION, SGL, World, request_document

if TYPE_CHECKING:
    from collections.abc import Callable

ROUTES = served(Litestar(routers(demo=True), openapi_config=None).routes)
INPUTS = 10_000
SQL = [
    "' OR '1'='1",
    "'; DROP TABLE event; --",
    '" OR 1=1 --',
    "1 UNION SELECT hash FROM token",
    "\\'; --",
    "%' --",
    "$1",
    "?",
]
HEADERS = [
    "x\r\nSet-Cookie: ecluse=pris",
    "x\nLocation: https://mechant.example",
    "%0d%0aSet-Cookie:%20a=b",
    "x\u2028y",
]
PATHS = [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "....//",
    "%00",
    "/etc/passwd",
    "C:\\x",
    "~",
    ".",
    "\u202egpj.exe",
    "a" * 3000,
]
XSS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "{{7*7}}", "${7*7}"]
OTHERS = [
    "",
    "\x00",
    "\ud83d",
    "💣" * 300,
    "-1",
    "9" * 40,
    "NaN",
    "true",
    "[]",
    "null",
    "\u0000\u0001",
    "é" * 5,
    "=cmd|'/c'!A1",
]
HOSTILE = [*SQL, *HEADERS, *PATHS, *XSS, *OTHERS]
WEIRD: list[Any] = [
    None, True, 0, -1, 2**63, 1e308, [], {}, [[]], {"$ne": 1}, {"a": {"a": {"a": []}}}, "", "\x00", *SQL, *XSS, "x" * 70_000,
]  # fmt: skip


class Enemy:
    """Somebody with every function of the Caf, and a seeded imagination."""

    def __init__(self, everything_: Everything, seed: int) -> None:
        self.all_of = everything_
        self.random = random.Random(seed)
        self.who = [
            everything_.persona(CAF, role)
            for role in ("requester", "dpo", "controller", "records_manager", "auditor", "administrator")
        ]

    def path(self, route: Served, *, spoil: bool) -> str:
        """An address of the route; `spoil`: one of its parameters is hostile."""
        names = list(route.path.split("{")[1:])
        wanted = [name.partition("}")[0] for name in names]
        own = {
            **PLAIN,
            **self.all_of.of_party[CAF],
            "party": CAF,
            "request_id": self.all_of.exchanges["asked"],
            "object_id": MISSING,
            "exchange": MISSING,
        }
        victim = self.random.choice(wanted) if wanted and spoil else None
        path = route.path
        for name in wanted:
            value = (
                quote(self.random.choice(HOSTILE).encode("utf-8", "replace"), safe="") if name == victim else own[name]
            )
            path = path.replace(f"{{{name}}}", value)
        return path

    def malformed(self, schema: str) -> bytes:
        """A body that is no document of the schema."""
        how = self.random.randrange(6)
        if how == 0:
            return self.random.choice(
                [b"", b"{", b"\xff\xfe{}", b"[" * 50_000, b'{"a":1e999}', b'{"a":NaN}', b"\x00", b'"\\ud800"', b"{} {}"]
            )
        body = minimal(schema)
        for _ in range(20):
            changed = self._changed(json.loads(json.dumps(body)), how)
            if violations(schema, changed):
                return json.dumps(changed).encode()
        return b"{"

    def _changed(self, body: Any, how: int) -> Any:
        if how == 1 or not isinstance(body, dict) or not body:
            return self.random.choice(WEIRD)
        key = self.random.choice([*body, "__proto__", self.random.choice(HOSTILE)])
        if how == 2:
            body.pop(key, None)
            body[key + "\x00"] = 1
        elif isinstance(body.get(key), dict) and how > 3:
            body[key] = self._changed(body[key], how)
        else:
            body[key] = self.random.choice(WEIRD)
        return body

    def headers(self) -> dict[str, str]:
        """Credentials, and now and then a header that hurts."""
        found = dict(self.random.choice(self.who).bearer())
        name = self.random.choice(["if-match", "idempotency-key", "accept", "accept-language", "referer", "origin", "cookie",
                                   "x-forwarded-host", "x-csrf-token", "range", "content-type", "authorization", None, None])  # fmt: skip
        if name:
            found[name] = (
                self.random.choice(HOSTILE)
                .encode("latin-1", "replace")
                .decode("latin-1")
                .replace("\r", "")
                .replace("\n", "")
            )
        return found

    async def attack(self) -> tuple[str, Answered]:
        route = self.random.choice(ROUTES)
        query = b""
        if self.random.random() < 0.5:
            names = [
                "state",
                "field",
                "party",
                "cursor",
                "limit",
                "q",
                "as_of",
                "kind",
                "lang",
                "next",
                "sort",
                "size",
                "stage",
                "dry_run",
                "x",
            ]
            chosen = {
                self.random.choice(names): self.random.choice(HOSTILE).encode("utf-8", "replace") for _ in range(2)
            }
            query = urlencode(chosen).encode()
        headers = self.headers()
        if route.method == "GET":
            path, body = self.path(route, spoil=True), b""
        elif route.page:
            path, body = self.path(route, spoil=True), self._form(headers)
        else:
            schema = schema_of(self.path(route, spoil=False)) or ""
            usable = schema not in {"", "upload", "attachment"}
            path = self.path(route, spoil=not usable)
            body = self.malformed(schema) if usable else self.random.choice(HOSTILE).encode("utf-8", "replace")
            headers.setdefault("content-type", "application/json" if usable else "multipart/form-data; boundary=x")
            if not usable:
                path = path if route.method != "DELETE" else path.replace(self.all_of.of_party[CAF]["export"], MISSING)
        return f"{route.method} {path}", await call(self.all_of.world.app, route.method, path, headers, body, query)

    def _form(self, headers: dict[str, str]) -> bytes:
        """A form from a signed-in person, whose token is wrong: no change is meant to pass."""
        person = self.random.choice(self.who).browser()
        headers.pop("authorization", None)
        headers |= {"cookie": person["cookie"], "origin": person["origin"]}
        headers["content-type"] = self.random.choice(
            ["application/x-www-form-urlencoded", "text/plain", "application/json"]
        )
        fields = dict.fromkeys(
            form_of(self.all_of.of_party[CAF]), self.random.choice(HOSTILE).encode("utf-8", "replace")
        )
        return urlencode({"_csrf": self.random.choice(["", "0" * 64, "é"]), **fields}).encode()


_MOVING = {"rate", "lease", "piccolo_migration", "migration", "sqlite_sequence", "job"}
"""What reading alone writes: tries are counted, leases renewed."""


async def _state(world: World) -> dict[str, list[Any]]:
    tables = await world.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    kept = {name for (name,) in tables} - _MOVING
    return {name: sorted(await world.rows(f"SELECT * FROM {name}"), key=repr) for name in kept}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_ten_thousand_hostile_inputs_break_nothing_and_change_nothing(world: World) -> None:
    all_of = await everything(world)
    world.gate.engine = world.gate.engine._engine  # what changes must stay, to be seen
    await world.stop_publishing()
    seed = secrets.randbelow(2**32)
    enemy = Enemy(all_of, seed)
    for persona in enemy.who:  # the first use of a token is noted once an hour, and so is its first refusal
        await call(world.app, "GET", "/api/v1/requests", persona.bearer())
        headers = {**persona.bearer(), "content-type": "application/json"}
        body = json.dumps(minimal("committee_member")).encode()
        refused = await call(world.app, "POST", f"/api/v1/conventions/{CONVENTION}/committee/members", headers, body)
        assert refused.slug == "forbidden"
    before = await _state(world)
    statuses: dict[int, int] = {}
    for number in range(INPUTS):
        what, answer = await enemy.attack()
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        assert answer.status < 500, (seed, number, what, answer.body[:300])
        assert "mechant" not in answer.headers.get("location", ""), (seed, number, what)
        assert "pris" not in answer.headers.get("set-cookie", ""), (seed, number, what)
        assert all("\r" not in value and "\n" not in value for value in answer.headers.values()), (seed, number, what)
    after = await _state(world)
    assert {name for name in before if before[name] != after[name]} == set(), seed
    assert sum(count for status, count in statuses.items() if 400 <= status < 500) > INPUTS * 0.6, statuses


class Counting:
    """An engine that counts the statements of what it runs."""

    def __init__(self, engine: Any) -> None:
        self._engine, self.statements = engine, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def read(self, work: Callable[[Any], Any], **options: Any) -> Any:
        return await self._engine.read(lambda tx: work(_Counted(tx, self)), **options)

    async def transact(self, work: Callable[[Any], Any]) -> Any:
        return await self._engine.transact(lambda tx: work(_Counted(tx, self)))


class _Counted:
    def __init__(self, tx: Any, counting: Counting) -> None:
        self._tx, self._counting = tx, counting

    def __getattr__(self, name: str) -> Any:
        if name in {"row", "rows", "value", "execute"}:
            self._counting.statements += 1
        return getattr(self._tx, name)


GUESSABLE = {"request_id": "alone", "entry": "entry", "export": "export", "pack": "pack", "object_id": "entry"}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_is_anothers_and_what_does_not_exist_cannot_be_told_apart(world: World) -> None:
    """The same answer, and as many statements of the database: nothing to read in the answer, nor in its time."""
    all_of = await everything(world)
    counting = world.gate.engine = Counting(world.gate.engine)
    theirs = {**all_of.of_party["oullins"], "alone": all_of.exchanges["alone"]}
    asked = 0
    for route in ROUTES:
        guessed = next((name for name in GUESSABLE if f"{{{name}}}" in route.path), None)
        if guessed is None:
            continue
        for role in ("controller", "records_manager", "dpo", "requester", "business_referent", "it_security"):
            who = all_of.persona(SGL, role)
            answers = []
            for identifier in (theirs[GUESSABLE[guessed]], MISSING):
                path = route.path
                for name, value in {**PLAIN, **all_of.of_party[SGL], "party": SGL, guessed: identifier}.items():
                    path = path.replace(f"{{{name}}}", value)
                form = form_of(all_of.of_party[SGL]) if route.page and route.method == "POST" else None
                counting.statements = 0
                answer = await all_of.ask(route, path, who.browser() if route.page else who.bearer(), form=form)
                shown = answer.body.decode().replace(identifier, "ID"), sorted(answer.headers)
                answers.append((answer.status, shown, counting.statements))
                asked += 1
            assert answers[0] == answers[1], (route, role)
            assert answers[0][0] in ({400, 403, 404, 415, 422} if route.page else {403, 404}), (route, role, answers[0])
    assert asked > 400


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_is_downloaded_is_saved_and_never_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever people named it: an attachment, of a type that no browser runs or guesses, under a policy that runs nothing."""
    names = ['a"; filename="b.txt', "é\r\nSet-Cookie: a=b.txt", "../../x.txt", "\N{RIGHT-TO-LEFT OVERRIDE}exe.txt"]
    monkeypatch.setattr("server.api.documents._made", lambda *_: b"%PDF-")
    monkeypatch.setattr("server.api.indicators._made", lambda *_: b"%PDF-")
    request_id = await world.filed()
    dpo = {"authorization": f"Bearer {world.tokens[CAF, 'dpo']}"}
    for number, name in enumerate(names):
        content = f"Pièce {number}".encode()
        files = {"file": (name, content, "text/html")}
        data = {"kind": "other", "dated_on": "2023-03-01"}
        made = await world.call(
            (SGL, "requester"), "POST", f"/requests/{request_id}/attachments", data=data, files=files
        )
        assert made.is_success, made.text
    pieces = [piece["sha256"] for piece in (await world.read(request_id))["attachments"]]
    base = f"/api/v1/requests/{request_id}"
    paths = [*(f"{base}/attachments/{digest}" for digest in pieces), f"{base}/documents/request", f"{base}/pia",
             f"{base}/evidence", f"/api/v1/conventions/{CONVENTION}/exchanges.csv", f"/api/v1/parties/{CAF}/inspection.csv",
             f"/api/v1/receipts/{request_id}/1"]  # fmt: skip
    found = [await call(world.app, "GET", path, dpo) for path in paths]
    for answer in found:
        assert answer.status in {200, 202}
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith("attachment"), disposition
        assert disposition.isascii()
        assert disposition.count('"') == 2, disposition
        assert "/" not in disposition.replace("UTF-8", ""), disposition
        assert not answer.headers["content-type"].startswith("text/html")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"], indirect=True)
async def test_injections_that_people_type_are_kept_as_texts_and_read_back_the_same(world: World) -> None:
    typed = [text for text in HOSTILE if "\x00" not in text and "\ud83d" not in text and 0 < len(text) < 200]
    for text in typed:
        created = await world.ok(
            (SGL, "requester"), "POST", f"/conventions/{CONVENTION}/requests", request_document(title=text)
        )
        read = await world.read(created["id"], (SGL, "requester"))
        assert read["request"]["title"] == text
    assert len(await world.rows("SELECT 1 FROM exchange")) == len(typed)
    assert (await world.rows("SELECT count(*) FROM token"))[0][0] == len(world.tokens)
