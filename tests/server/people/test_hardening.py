"""Cross-site requests, redirections, limits that hold across processes, confirmations, headers, languages, secrets."""

import asyncio
import hashlib
from typing import Any

import httpx
import pytest
from cryptography.fernet import InvalidToken
from litestar.handlers import HTTPRouteHandler

from registry.exchange.acts import ACTS
from registry.storage.accounts_sessions import FRESH
from schemas import names
from server.api.operations import OPERATIONS
from server.app import PAGE_HANDLERS, create_app
from server.auth.browser import local_path
from tests.minimal import minimal
from tests.server.people.browsers import ORIGIN, account, administrator, browser, entered
from tests.world import CAF, CONVENTION, SGL, World, email, request_document, running

POSTS = sorted(
    {path for h in PAGE_HANDLERS if isinstance(h, HTTPRouteHandler) and "POST" in h.http_methods for path in h.paths}
)
FOREIGN = [
    {"Origin": "https://mechant.example"},
    {"Origin": "null"},
    {"Origin": "http://ecluse.example.mechant.example"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
    {},
]


async def _kept(world: World) -> list[Any]:
    return [await world.rows(f"SELECT * FROM {t}") for t in ("session", "account", "invitation", "event", "challenge")]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_no_form_of_another_site_changes_anything(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester")
    await opened.see("/compte")
    token = {"_csrf": opened.csrf, "email": "agent@caf.example", "password": "quatre-tilleuls-devant-la-halle"}
    await people.published()  # numbering records is not a change of theirs
    before = await _kept(people)
    for path in POSTS:
        address = path.replace("{secret:str}", "x")
        for headers in FOREIGN:
            sent = {"Accept": "application/json", "X-CSRF-Token": opened.csrf, **headers}
            answer = await opened.client.post(address, data=token, headers=sent)
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:ecluse:problem:cross-site"), (
                path,
                headers,
            )
        for wrong in ("", "0" * 64):
            headers = {"Accept": "application/json", "Origin": ORIGIN, "X-CSRF-Token": wrong}
            answer = await opened.client.post(address, data={**token, "_csrf": wrong}, headers=headers)
            refused = answer.json()["type"].rpartition(":")[2]  # who has no right or nothing there is told that first
            assert refused in {"cross-site", "forbidden", "not-found", "unsupported-media-type"}, (
                path,
                wrong,
                answer.text,
            )
    assert await _kept(people) == before


async def test_the_api_takes_a_session_from_our_own_pages_only(people: World) -> None:
    opened = await entered(people, "agent@saint-genis.example", SGL, "requester")
    await opened.see("/compte")
    path, body = f"/api/v1/conventions/{CONVENTION}/requests", request_document()
    good = {"Origin": ORIGIN, "X-CSRF-Token": opened.csrf}
    for headers in ({}, {"Origin": ORIGIN}, {**good, "Origin": "https://mechant.example"}, {**good, "X-CSRF-Token": "x"},
                    {**good, "Sec-Fetch-Site": "cross-site"}, {"X-CSRF-Token": opened.csrf}):  # fmt: skip
        answer = await opened.client.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:ecluse:problem:cross-site"), headers
    created = await opened.client.post(path, json=body, headers=good)
    assert created.status_code == 201
    assert (await opened.client.get(created.headers["location"])).json()["acts"]
    wrong = {**good, "Authorization": "Bearer ecl_faux"}
    assert (await opened.client.get("/api/v1/requests", headers=wrong)).status_code == 401


@pytest.mark.parametrize(
    "given",
    ["//mechant.example", "https://mechant.example", "/\\mechant.example", "\\\\mechant.example", "javascript:alert(1)",
     "/\t/mechant.example", "/\n/mechant.example", "///mechant.example", "mechant.example", "", "/" + "a" * 3000, "http:/x"],
)  # fmt: skip
async def test_nobody_is_sent_elsewhere(given: str) -> None:
    assert local_path(given) == "/"


async def test_next_is_followed_inside_and_ignored_outside(people: World) -> None:
    await entered(people, "agent@caf.example", CAF, "requester")
    for asked, page in (("/compte", "/compte"), ("//mechant.example/", "/")):
        opened = browser(people)
        await opened.see("/connexion")
        form = {"email": "agent@caf.example", "password": "quatre-tilleuls-devant-la-halle", "next": asked}
        answer = await opened.post("/connexion", form)
        while answer.status_code == 303:
            assert answer.headers["location"].startswith("/")
            assert not answer.headers["location"].startswith("//")
            where = answer.headers["location"]
            answer = await opened.get(where)
        assert where == page


async def test_guessing_is_limited_across_processes_and_forgiven_to_who_succeeds(people: World) -> None:
    """Two applications on one database; each sees the other's tries."""
    await account(people, "agent@caf.example", CAF, "requester")
    other = create_app(people.settings)
    async with running(other):
        other.state.auth.passwords = people.app.state.auth.passwords
        other.state.gate.clock = people.calendar
        statuses = []
        for i in range(14):
            opened = browser(people, other if i % 2 else people.app)
            await opened.see("/connexion")
            form = {"email": "agent@caf.example", "password": f"essai-{i}"}
            statuses.append((await opened.post("/connexion", form)).status_code)
        assert statuses == [403] * 10 + [429] * 4
        right = {"email": "agent@caf.example", "password": "quatre-tilleuls-devant-la-halle"}
        opened = browser(people)
        await opened.see("/connexion")
        refused = await opened.post("/connexion", right)
        assert refused.status_code == 429
        people.calendar.minutes += 2
        await opened.see("/connexion")
        assert (await opened.post("/connexion", right)).status_code == 303
        assert await people.rows("SELECT 1 FROM rate WHERE bucket = 'sign-in'") == []


async def test_no_limit_keeps_a_digest_that_anybody_could_compute(people: World) -> None:
    """An IPv4 address is found again from its plain SHA-256 in seconds; a keyed one asks for the home's key."""
    await account(people, "agent@caf.example", CAF, "requester")
    opened = browser(people)
    await opened.see("/connexion")
    await opened.post("/connexion", {"email": "agent@caf.example", "password": "faux"})
    await opened.see("/verification")
    await opened.post("/verification", {})
    kept = {bytes(key) for (key,) in await people.rows("SELECT key FROM rate")}
    known = [b"127.0.0.1", b"testclient", b"agent@caf.example"]
    assert len(kept) >= 2
    assert kept.isdisjoint({*known, *(hashlib.sha256(one).digest() for one in known)})
    assert people.gate.vault.blind("agent@caf.example") in kept


async def test_guessing_all_at_once_gains_nothing(people: World) -> None:
    await account(people, "agent@caf.example", CAF, "requester")

    async def attempt(i: int) -> int:
        opened = browser(people)
        await opened.see("/connexion")
        return (await opened.post("/connexion", {"email": "agent@caf.example", "password": f"essai-{i}"})).status_code

    statuses = await asyncio.gather(*(attempt(i) for i in range(25)))
    assert sorted(statuses) == [403] * 10 + [429] * 15


async def test_codes_are_limited_even_with_the_password(people: World) -> None:
    first = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    thief = browser(people)
    await thief.sign_in("agent@caf.example")
    statuses = [(await thief.post("/confirmation", {"code": f"{i:06d}"})).status_code for i in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    assert (await first.get("/compte")).status_code == 200


async def test_costly_calls_are_limited(people: World) -> None:
    request_id = await people.filed()
    statuses = [
        (await people.call((CAF, "dpo"), "GET", f"/requests/{request_id}/evidence")).status_code for _ in range(62)
    ]
    assert statuses == [200] * 60 + [429] * 2
    refused = await people.call((CAF, "dpo"), "GET", f"/requests/{request_id}/evidence")
    assert (refused.json()["type"], refused.headers["retry-after"]) == ("urn:ecluse:problem:too-often", "2")
    assert (await people.call((CAF, "controller"), "GET", f"/requests/{request_id}/evidence")).status_code == 200


GRAVE = sorted(name for name, act in ACTS.items() if act.confirmed)


async def _performed(person: Any, request_id: str, act: str, body: Any, version: int) -> httpx.Response:
    """The act, by the API, from the person's own pages."""
    operation = next(o for o in OPERATIONS if o.id == act.replace("/", "_").replace("-", "_"))
    await person.see("/compte")
    headers = {"Origin": ORIGIN, "X-CSRF-Token": person.csrf, "If-Match": f'"{version}"'}
    path = operation.path.replace("{request_id}", request_id).replace("{number}", "1").replace("{check}", "CONS-03")
    return await person.client.request(operation.method.upper(), f"/api/v1{path}", json=body, headers=headers)


@pytest.mark.parametrize("act", ["opinion", "decision"])
async def test_opinion_and_decision_ask_a_person_to_confirm(people: World, act: str) -> None:
    role = {"opinion": "dpo", "decision": "controller"}[act]
    request_id = await people.under_study()
    await people.studied(request_id)
    if act == "decision":
        await people.opinion(request_id)
    person = await _with_codes(people, email(CAF, role))
    body = {"opinion": {"value": "favourable", "text": "Avis."}, "decision": {"value": "approved"}}[act]
    version = await people.version(request_id)
    people.calendar.minutes += FRESH.seconds // 60 + 1
    before = await people.events()
    refused = await _performed(person, request_id, act, body, version)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:ecluse:problem:confirmation-required")
    assert await people.events() == before
    await person.confirm()
    assert (await _performed(person, request_id, act, body, version)).status_code == 200


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_every_grave_act_asks_a_person_to_confirm(people: World) -> None:
    """Whatever the state: the confirmation is asked before anything is read."""
    request_id, asked = await people.filed(), set[str]()
    for role in sorted({ACTS[name].roles[0] for name in GRAVE}):
        person = await _with_codes(people, email(CAF, role))
        people.calendar.minutes += FRESH.seconds // 60 + 1
        for name in GRAVE:
            if ACTS[name].roles[0] == role and ACTS[name].schema in names():
                refused = await _performed(person, request_id, name, minimal(ACTS[name].schema), 1)
                if refused.status_code != 415:  # a file, that has its own tests
                    assert refused.json()["type"] == "urn:ecluse:problem:confirmation-required", (name, refused.text)
                    asked.add(name)
    assert asked >= {"opinion", "decision"}
    assert len(asked) >= len(GRAVE) - 2


async def _with_codes(world: World, address: str) -> Any:
    """A browser of an existing account (whose roles it keeps), with codes installed."""
    await account(world, address, CAF)
    opened = browser(world)
    await opened.sign_in(address)
    await opened.follow(await opened.post("/connexion/partie", {"party": CAF, "agrees": "yes", "next": "/"}))
    await opened.install_codes()
    return opened


async def test_administration_asks_to_confirm_and_leads_back(people: World) -> None:
    boss = await administrator(people)
    people.calendar.minutes += FRESH.seconds // 60 + 1
    await boss.see("/comptes")
    asked = await boss.post(
        "/comptes/invitations", {"email": "a@b.fr", "roles": "requester"}, Referer=f"{ORIGIN}/comptes"
    )
    assert asked.headers["location"] == "/confirmation?next=/comptes"
    assert await people.rows("SELECT 1 FROM invitation") == []


async def test_factors_change_only_after_a_confirmation(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    people.calendar.minutes += FRESH.seconds // 60 + 1
    await opened.see("/compte")
    for path in (
        "/compte/code/suppression",
        "/compte/codes-de-secours",
        "/compte/mot-de-passe",
        "/compte/cles/options",
    ):
        form = {"password": "sept-cigognes-sur-le-clocher", "again": "sept-cigognes-sur-le-clocher"}
        answer = await opened.post(path, form) if "options" not in path else await opened.client.post(
            path, json={}, headers={"Origin": ORIGIN, "X-CSRF-Token": opened.csrf, "Accept": "text/html"})  # fmt: skip
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/confirmation")
    await browser(people).sign_in("agent@caf.example")
    assert len(await people.rows("SELECT 1 FROM totp WHERE confirmed_at IS NOT NULL")) == 1


async def test_a_new_password_ends_every_other_session(people: World) -> None:
    first = await entered(people, "agent@caf.example", CAF, "requester")
    second = browser(people)
    await second.sign_in("agent@caf.example")
    await second.see("/compte")
    fresh = "sept-cigognes-sur-le-clocher"
    await second.follow(await second.post("/compte/mot-de-passe", {"password": fresh, "again": fresh}))
    assert (await first.get("/compte")).status_code == 303
    await browser(people).sign_in("agent@caf.example", fresh)


async def test_every_answer_says_what_a_browser_may_do_with_it(people: World) -> None:
    opened = browser(people)
    for path in (
        "/",
        "/connexion",
        "/nulle-part",
        "/static/style.css",
        "/api/v1/checks",
        "/api/v1/requests",
        "/healthz",
    ):
        headers = (await opened.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "strict-transport-security" not in headers


async def test_over_tls_browsers_are_told_to_stay_there(people: World) -> None:
    from dataclasses import replace

    app = create_app(replace(people.settings, public_url="https://ecluse.example"))
    async with running(app):
        answer = await browser(people, app).get("/")
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_errors_are_pages_for_people_and_problems_for_programs(people: World) -> None:
    opened = browser(people)
    page = await opened.get("/nulle-part")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "Introuvable" in opened.text
    for path, accept in (("/nulle-part", "application/json"), ("/api/v1/nulle-part", "text/html")):
        problem = await opened.client.get(path, headers={"Accept": accept})
        assert problem.headers["content-type"] == "application/problem+json"
    assert (await opened.get("/compte")).headers["location"] == "/connexion?next=/compte"


async def test_what_people_typed_is_text_in_pages(people: World) -> None:
    payload = '"><script>alert(1)</script>'
    opened = browser(people)
    await opened.see("/connexion")
    await opened.post("/connexion", {"email": payload, "password": "x", "next": payload})
    assert payload not in opened.page
    assert "&lt;script&gt;" in opened.page


@pytest.mark.parametrize(("header", "language"), [
    ("en-GB,en;q=0.9", "en"), ("de, en;q=0.5, fr;q=0.4", "en"), ("fr-CA", "fr"), ("de", "fr"), ("", "fr"),
    ("en;q=x, fr", "fr"), ("*", "fr"),
])  # fmt: skip
async def test_pages_speak_the_browsers_language(people: World, header: str, language: str) -> None:
    opened = browser(people)
    answer = await opened.client.get("/connexion", headers={"Accept-Language": header})
    assert f'<html lang="{language}">' in answer.text
    assert ("Sign in" in answer.text) is (language == "en")


async def test_a_chosen_language_is_kept(people: World) -> None:
    opened = browser(people)
    assert 'lang="en"' in (await opened.client.get("/?lang=en")).text
    assert '<html lang="en">' in (await opened.client.get("/connexion", headers={"Accept-Language": "fr"})).text
    assert '<html lang="fr">' in (await opened.client.get("/connexion?lang=fr")).text


async def test_seeds_are_sealed_and_sealed_again_under_a_new_key(people: World) -> None:
    from server.auth.sealing import reseal
    from server.home import end_secrets_rotation, load_secrets, rotate_secrets

    opened = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    ((sealed,),) = await people.rows("SELECT sealed FROM totp")
    assert opened.seed.encode() not in bytes(sealed)
    former = load_secrets(people.settings)
    both = rotate_secrets(people.settings)
    assert await reseal(people.gate.engine, both) == 1
    people.app.state.auth.secrets = end_secrets_rotation(people.settings)
    ((again,),) = await people.rows("SELECT sealed FROM totp")
    assert bytes(again) != bytes(sealed)
    with pytest.raises(InvalidToken):
        former.decrypt(bytes(again))
    await opened.confirm()


async def test_the_demonstrations_entrance_exists_in_a_marked_home_only(people: World) -> None:
    opened = browser(people)
    assert (await opened.get("/demonstration")).status_code == 404
    assert (await opened.post("/demonstration", {"party": CAF, "role": "dpo"})).status_code == 404
    (people.settings.home / "ecluse-demo").touch()
    app = create_app(people.settings)
    async with running(app):
        app.state.gate.clock = people.calendar
        opened = browser(people, app)
        await opened.see("/demonstration")
        await opened.follow(await opened.post("/demonstration", {"party": CAF, "role": "dpo"}))
        assert "Délégué à la protection des données" in opened.text
        assert (await opened.client.get("/api/v1/requests")).status_code == 200
        assert (await opened.post("/demonstration", {"party": CAF, "role": "roi"})).status_code == 404


async def test_ones_own_data_can_be_taken_away_without_secrets(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    answer = await opened.client.get("/compte/donnees.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="ecluse-mon-compte.json"'
    data = answer.json()
    assert data["email"] == "agent@caf.example"
    assert {"party": CAF, "role": "requester", "from": "2021-01-01", "until": None} in data["roles"]
    assert [r["act"] for r in data["records"]] == [
        "account.undertaking_accepted",
        "account.signed_in",
        "account.factor_added",
    ]
    for secret in (opened.seed, opened.cookie or "", "argon2"):
        assert secret not in answer.text
