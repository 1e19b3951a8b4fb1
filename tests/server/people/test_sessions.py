"""Sessions: fixation, resurrection, limits, revocation; what an anonymous visit leaves behind (nothing)."""

import asyncio
from datetime import timedelta

import pytest

from registry.storage.accounts_sessions import ABSOLUTE, IDLE, forget_expired, session_hash
from tests.server.people.browsers import account, administrator, browser, entered
from tests.world import CAF, World


@pytest.mark.parametrize("path", ["/", "/connexion", "/docs/api", "/connexion?next=/compte"])
async def test_an_anonymous_visit_sets_no_cookie_and_makes_no_row(people: World, path: str) -> None:
    opened = browser(people)
    response = await opened.get(path)
    assert response.status_code == 200
    assert "set-cookie" not in response.headers
    assert await people.rows("SELECT 1 FROM session") == []


async def test_a_planted_session_id_is_never_adopted(people: World) -> None:
    await account(people, "agent@caf.example", CAF, "requester")
    opened = browser(people)
    opened.client.cookies.set("ecluse", "identifiant-choisi-par-un-autre")
    await opened.get("/connexion")
    answer = await opened.client.post(
        "/connexion", data={"email": "agent@caf.example", "password": "quatre-tilleuls-devant-la-halle",
                            "_csrf": opened.csrf},
        headers={"Origin": "http://ecluse.example"},
    )  # fmt: skip
    assert answer.status_code == 303
    fresh = answer.cookies["ecluse"]
    assert fresh != "identifiant-choisi-par-un-autre"
    hashes = [bytes(row[0]) for row in await people.rows("SELECT hash FROM session")]
    assert hashes == [session_hash(fresh)]


async def test_signing_in_again_ends_the_session_that_the_browser_had(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester")
    await account(people, "autre@caf.example", CAF, "auditor")
    former = opened.cookie or ""
    await opened.see("/compte")
    form = {"email": "autre@caf.example", "password": "quatre-tilleuls-devant-la-halle", "next": "/"}
    assert (await opened.post("/connexion", form)).status_code == 303
    assert await people.rows("SELECT 1 FROM session WHERE hash = ?", session_hash(former)) == []
    assert len(await people.rows("SELECT 1 FROM session")) == 1


async def test_every_change_of_rights_changes_the_id_and_voids_the_old_one(people: World) -> None:
    opened = browser(people)
    await account(people, "agent@caf.example", CAF, "requester")
    await opened.sign_in("agent@caf.example")
    before = opened.cookie
    await opened.follow(await opened.post("/connexion/partie", {"party": CAF, "agrees": "yes", "next": "/"}))
    assert opened.cookie != before
    old = browser(people)
    old.client.cookies.set("ecluse", before or "")
    assert (await old.get("/compte")).status_code == 303
    assert (await old.client.get("/api/v1/requests")).status_code == 401
    assert len(await people.rows("SELECT 1 FROM session")) == 1


async def test_a_slow_request_during_sign_out_does_not_bring_the_session_back(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester")
    people.calendar.minutes += 2  # the request in flight will note that the session is used
    auth = people.app.state.auth
    read, left = asyncio.Event(), asyncio.Event()
    now = auth.gate.now

    glance = auth.gate.glance

    async def slow(work, **how):  # the session was read; it ends before the request goes on
        found = await glance(work, **how)
        auth.gate.glance = glance
        read.set()
        await left.wait()
        return found

    await opened.see("/")
    people.calendar.minutes += 2
    auth.gate.glance = slow
    pending = asyncio.create_task(opened.client.get("/docs/api", headers={"Cookie": f"ecluse={opened.cookie}"}))
    await read.wait()
    kept = opened.cookie
    assert (await opened.post("/deconnexion")).status_code == 303
    left.set()
    assert (await pending).status_code == 200
    assert await people.rows("SELECT 1 FROM session") == []
    again = browser(people)
    again.client.cookies.set("ecluse", kept or "")
    assert (await again.get("/compte")).status_code == 303
    assert now() == auth.gate.now()


async def test_signing_out_takes_the_cookie_back(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester")
    response = await opened.post("/deconnexion")
    assert "Max-Age=0" in response.headers["set-cookie"]
    assert opened.cookie is None


async def test_cookies_are_closed_to_scripts_and_other_sites(people: World) -> None:
    await account(people, "agent@caf.example", CAF, "requester")
    opened = browser(people)
    await opened.see("/connexion")
    for origin, expected in (
        ("http://localhost:8000", ("ecluse=", False)),
        ("https://e.example", ("__Host-ecluse=", True)),
    ):
        people.app.state.auth.site.origin = origin
        answer = await opened.post(
            "/connexion", {"email": "agent@caf.example", "password": "quatre-tilleuls-devant-la-halle"}
        )
        header = answer.headers["set-cookie"]
        assert header.startswith(expected[0])
        assert "HttpOnly" in header
        assert "SameSite=lax" in header
        assert "Path=/" in header
        assert ("Secure" in header) is expected[1]


async def test_idle_and_absolute_limits_end_a_session(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester")
    people.calendar.minutes += IDLE // timedelta(minutes=1) - 1
    assert (await opened.get("/compte")).status_code == 200
    people.calendar.minutes += IDLE // timedelta(minutes=1) + 1
    assert (await opened.get("/compte")).status_code == 303
    busy = browser(people)
    await busy.sign_in("agent@caf.example")
    for _ in range(ABSOLUTE // timedelta(minutes=50)):
        people.calendar.minutes += 50
        assert (await busy.get("/compte")).status_code == 200
    people.calendar.minutes += 50
    assert (await busy.get("/compte")).status_code == 303


async def test_the_job_deletes_what_is_over(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester")
    people.calendar.minutes += 30
    await opened.see("/compte")
    await browser(people).sign_in("agent@caf.example")
    people.calendar.minutes += 45
    await opened.see("/compte")
    people.calendar.minutes += 45
    gone = await people.gate.engine.transact(lambda tx: forget_expired(tx, people.gate.now()))
    assert gone == 1
    assert (await opened.get("/compte")).status_code == 200


async def test_ones_own_sessions_are_listed_and_ended_by_their_owner_alone(people: World) -> None:
    first = await entered(people, "agent@caf.example", CAF, "requester")
    second, other = browser(people), await entered(people, "autre@caf.example", CAF, "requester")
    await second.sign_in("agent@caf.example")
    page = await second.see("/compte")
    assert page.count("Firefox, Linux") >= 2
    ((named,),) = await people.rows("SELECT id FROM session WHERE hash = ?", session_hash(first.cookie or ""))
    await other.see("/compte")
    assert (await other.post("/compte/sessions", {"session": named})).status_code == 404
    assert (await first.get("/compte")).status_code == 200
    await second.follow(await second.post("/compte/sessions", {"session": named}))
    assert (await first.get("/compte")).status_code == 303


async def test_a_deactivated_account_can_do_nothing_mid_session(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester")
    assert (await opened.client.get("/api/v1/requests")).status_code == 200
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = 'agent@caf.example'")
    boss = await administrator(people)
    await boss.see("/comptes")
    assert (await boss.post("/comptes/desactivation", {"account": identifier})).status_code == 303
    assert (await opened.client.get("/api/v1/requests")).status_code == 401
    assert (await opened.get("/compte")).status_code == 303
    assert "Adresse ou mot de passe incorrect" in await _refused(people, "agent@caf.example")


async def _refused(world: World, who: str) -> str:
    opened = browser(world)
    await opened.see("/connexion")
    await opened.post("/connexion", {"email": who, "password": "quatre-tilleuls-devant-la-halle"})
    return opened.text


async def test_an_ended_role_is_gone_mid_session(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester", "auditor")
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = 'agent@caf.example'")
    boss = await administrator(people)
    await boss.see("/comptes")
    for role in ("requester", "auditor"):
        assert (await opened.client.get("/api/v1/requests")).status_code == 200
        await boss.follow(await boss.post("/comptes/fonctions/fin", {"account": identifier, "role": role}))
    assert (await opened.client.get("/api/v1/requests")).status_code == 401
