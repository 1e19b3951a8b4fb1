"""Mail as people and administrators meet it: choices, one-click unsubscription, invitations, the outbox, the calendar."""

import re
from datetime import date
from typing import Any

import pytest
from argon2 import PasswordHasher

from server.auth.passwords import Passwords
from server.mail.postman import Postman
from tests.server.mail.servers import Box, text_of
from tests.server.people.browsers import PASSWORD, administrator, browser, entered
from tests.world import CAF, SGL, World, email

REFERENT = email(CAF, "business_referent")


@pytest.fixture(autouse=True)
def _cheap_passwords(world: World) -> None:
    world.app.state.auth.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


async def test_choices_are_kept_and_one_click_stops_a_kind(world: World, postman: Postman, box: Box) -> None:
    person = await entered(world, REFERENT, CAF, "business_referent")
    page = await person.see("/compte")
    assert "Un acte est attendu de moi" in page
    wanted = {"awaited": "now", "answered": "never", "reminder": "digest", "digest": "weekly"}
    await person.follow(await person.post("/compte/courriels", wanted))
    kept = await world.rows("SELECT awaited, answered, reminder, digest FROM mail_preference")
    assert kept == [tuple(wanted.values())]
    assert (await person.post("/compte/courriels", wanted | {"awaited": "sometimes"})).status_code == 422

    await world.filed()
    await postman.round()
    (message,) = box.told(REFERENT)
    (link,) = re.findall(r"http://ecluse\.example(/desinscription/[^\s>]+)", message["List-Unsubscribe"])
    stranger = browser(world)
    assert (await stranger.get(link)).status_code == 200
    assert await world.rows("SELECT awaited FROM mail_preference") == [("now",)]  # following a link changes nothing
    one_click = {
        "content": b"List-Unsubscribe=One-Click",
        "headers": {"content-type": "application/x-www-form-urlencoded"},
    }
    done = await world.client.post(link, **one_click)  # type: ignore[arg-type]
    assert (done.status_code, "C'est fait" in done.text.replace("&#39;", "'")) == (200, True)
    assert await world.rows("SELECT awaited FROM mail_preference") == [("never",)]
    assert (await world.client.post(link[:-4] + "AAAA", **one_click)).status_code == 404  # type: ignore[arg-type]
    await world.filed()
    assert await postman.round() == 0


async def test_an_invitation_by_mail_is_read_by_its_address_alone(world: World, postman: Postman, box: Box) -> None:
    boss = await administrator(world)
    await boss.see("/comptes")
    asked = {"email": "nouvelle@caf.example", "roles": ["auditor"], "send": "mail"}
    answer = await boss.post("/comptes/invitations", asked)
    assert answer.status_code == 200
    assert "/invitation/" not in answer.text
    ((sealed,),) = await world.rows("SELECT sealed FROM mail WHERE kind = 'invitation'")
    await postman.round()
    (message,) = box.told("nouvelle@caf.example")
    (secret,) = re.findall(r"http://ecluse\.example/invitation/(\S+)", text_of(message))
    assert secret.encode() not in bytes(sealed)
    assert await world.rows("SELECT sealed, wrapped FROM mail WHERE kind = 'invitation'") == [(None, None)]
    guest = browser(world)
    await guest.see(f"/invitation/{secret}")
    taken = {"password": PASSWORD, "again": PASSWORD, "agrees": "yes"}
    await guest.follow(await guest.post(f"/invitation/{secret}", taken))
    assert "nouvelle@caf.example" in guest.text


async def test_the_administrator_sees_what_failed_and_sends_it_again(world: World, postman: Postman, box: Box) -> None:
    boss = await administrator(world)
    preference = "INSERT INTO mail_preference SELECT id, 'now', 'now', 'now', 'daily' FROM account WHERE email = ?"
    await world.gate.engine.transact(lambda tx: tx.execute(preference, REFERENT))
    await world.filed()
    box.rcpt = "550 No such user"
    await postman.round()
    page = await boss.see("/courriels")
    assert "550 No such user" in page
    assert REFERENT in page
    box.rcpt = None
    ((mail,),) = await world.rows("SELECT id FROM mail")
    await boss.follow(await boss.post("/courriels/renvoi", {"mail": mail}))
    assert await postman.round() == 1
    assert "remis au serveur" in await boss.see("/courriels")
    assert (await boss.post("/courriels/renvoi", {"mail": mail})).status_code == 404
    other = await administrator(world, SGL)
    assert REFERENT not in await other.see("/courriels")
    agent = await entered(world, email(CAF, "auditor"), CAF, "auditor")
    assert (await agent.get("/courriels")).status_code == 403


async def test_without_mail_the_administrator_is_told_so(world: World) -> None:
    boss = await administrator(world)
    assert "n'envoie pas de courriels" in boss.text or "ECLUSE_SMTP_HOST" in await boss.see("/courriels")
    await boss.see("/comptes")
    asked: dict[str, Any] = {"email": "x@caf.example", "roles": ["auditor"], "send": "mail"}
    assert (await boss.post("/comptes/invitations", asked)).status_code == 403
    assert await world.rows("SELECT id FROM invitation") == []


async def test_deadlines_are_shown_and_downloaded_by_whom_they_wait_for(world: World) -> None:
    world.calendar.day = date(2023, 4, 26)
    request_id = await world.under_study()
    dpo = await entered(world, email(CAF, "dpo"), CAF)
    page = await dpo.see(f"/echanges/{request_id}")
    assert "Échéance : 22 mai 2023" in page.replace("\u00a0", " ")
    calendar = (await dpo.get("/echeances.ics")).text
    assert "DTSTART;VALUE=DATE:20230522" in calendar
    assert f"/echanges/{request_id}" in calendar
    assert "Quotient" not in calendar
    asker = await entered(world, email(SGL, "requester"), SGL, "requester")
    assert "BEGIN:VEVENT" not in (await asker.get("/echeances.ics")).text
    assert (await world.client.get("/echeances.ics")).status_code in {303, 401}
