"""Invitations: single use, expiry, and that the one who makes the link cannot take another party's account."""

import re

import pytest

from registry.storage.accounts import account_for
from tests.server.people.browsers import PASSWORD, account, administrator, browser, entered, invitation
from tests.world import CAF, SGL, World, email

WEEK = 7 * 24 * 60
GOOD = {"password": PASSWORD, "again": PASSWORD, "agrees": "yes"}


async def _invite(boss, address: str, *roles: str, **fields: str) -> str:
    """Invite from the page; the path of the link shown there."""
    await boss.confirm()
    await boss.see("/comptes")
    shown = await boss.post("/comptes/invitations", {"email": address, "roles": list(roles), **fields})
    assert shown.status_code == 200, boss.text
    found = re.search(r"http://ecluse\.example(/invitation/[\w-]{43})", boss.page)
    assert found
    return found.group(1)


async def test_an_invited_person_takes_an_account_and_acts(people: World) -> None:
    boss = await administrator(people)
    link = await _invite(boss, "nouvelle@caf.example", "requester", "auditor", until="2023-12-31")
    opened = browser(people)
    await opened.see(link)
    assert "Demandeur" in opened.text
    await opened.follow(await opened.post(link, GOOD))
    assert "pas encore de second facteur" in opened.text
    assert (await opened.client.get("/api/v1/requests")).status_code == 200
    rows = await people.rows(
        "SELECT r.role, r.valid_until FROM account_role r JOIN account a ON a.id = r.account WHERE a.email = ? ORDER BY 1",
        "nouvelle@caf.example",
    )
    assert rows == [("auditor", "2023-12-31"), ("requester", "2023-12-31")]
    await browser(people).sign_in("nouvelle@caf.example")


async def test_a_link_serves_once(people: World) -> None:
    link = await invitation(people, "nouvelle@caf.example", CAF, "requester")
    first, second = browser(people), browser(people)
    await first.see(link)
    await second.see(link)
    await first.follow(await first.post(link, GOOD))
    again = await second.post(
        link, {**GOOD, "password": "un-autre-mot-de-passe-long", "again": "un-autre-mot-de-passe-long"}
    )
    assert again.status_code == 404
    assert (await second.get(link)).status_code == 404
    await browser(people).sign_in("nouvelle@caf.example")


async def test_a_link_expires_and_a_newer_one_voids_it(people: World) -> None:
    old = await invitation(people, "nouvelle@caf.example", CAF, "requester")
    new = await invitation(people, "nouvelle@caf.example", CAF, "requester")
    assert (await browser(people).get(old)).status_code == 404
    assert (await browser(people).get(new)).status_code == 200
    people.calendar.minutes += WEEK + 1
    assert (await browser(people).get(new)).status_code == 404


async def test_nothing_is_taken_without_the_undertaking_or_with_two_passwords(people: World) -> None:
    link = await invitation(people, "nouvelle@caf.example", CAF, "requester")
    opened = browser(people)
    await opened.see(link)
    assert (await opened.post(link, {**GOOD, "agrees": ""})).status_code == 422
    assert (await opened.post(link, {**GOOD, "again": "autre"})).status_code == 422
    assert await people.rows("SELECT 1 FROM password") == []
    assert await people.rows("SELECT 1 FROM session") == []
    await opened.follow(await opened.post(link, GOOD))


async def test_who_has_an_account_accepts_signed_in_and_nobody_else(people: World) -> None:
    opened = await entered(people, "dpo-mutualise@exemple.fr", SGL, "requester")
    other = await entered(people, "autre@exemple.fr", SGL, "requester")
    boss = await administrator(people)
    link = await _invite(boss, "dpo-mutualise@exemple.fr", "auditor")
    stranger = browser(people)
    await stranger.see(link)
    assert "connectez-vous avec cette adresse" in stranger.text
    await stranger.post(link, GOOD)
    await other.see("/compte")
    assert (await other.post(link, {"agrees": "yes"})).status_code == 403
    await opened.see(link)
    await opened.follow(await opened.post(link, {"agrees": "yes"}))
    assert (await opened.client.get(f"/api/v1/parties/{CAF}/register")).status_code == 200


async def test_an_administrator_cannot_take_the_account_of_another_partys_dpo(people: World) -> None:
    """The Caf designated its DPO, who has not signed in yet: a commune's link must not become that account."""
    boss = await administrator(people, SGL)
    link = await _invite(boss, email(CAF, "dpo"), "requester")
    opened = browser(people)
    await opened.see(link)
    refused = await opened.post(link, GOOD)
    assert refused.status_code == 403
    assert (
        await people.rows(
            "SELECT 1 FROM password p JOIN account a ON a.id = p.account WHERE a.email = ?", email(CAF, "dpo")
        )
        == []
    )
    own = await invitation(people, email(CAF, "dpo"), CAF)
    opened = browser(people)
    await opened.see(own)
    await opened.follow(await opened.post(own, GOOD))
    assert "Délégué à la protection des données" in opened.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "pas-une-adresse", "roles": "requester"}, "adresse électronique"),
        ({"email": "a@b.fr", "roles": ""}, "au moins une fonction"),
        ({"email": "a@b.fr", "roles": "dpo"}, "acte daté de la convention"),
        ({"email": "a@b.fr", "roles": "requester", "until": "2022-01-01"}, "date est passée"),
        ({"email": "a@b.fr", "roles": "requester", "until": "demain"}, "Indiquez une date"),
    ],
)
async def test_a_wrong_invitation_is_refused_beside_its_field(
    people: World, fields: dict[str, str], sentence: str
) -> None:
    boss = await administrator(people)
    await boss.see("/comptes")
    assert (await boss.post("/comptes/invitations", fields)).status_code == 422
    assert sentence in boss.text
    assert await people.rows("SELECT 1 FROM invitation") == []


async def test_administrators_give_themselves_nothing_and_only_they_invite(people: World) -> None:
    boss = await administrator(people)
    await boss.see("/comptes")
    mine = {"email": email(CAF, "administrator"), "roles": "controller"}
    assert (await boss.post("/comptes/invitations", mine)).status_code == 403
    agent = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    await agent.see("/compte")
    assert (await agent.get("/comptes")).status_code == 403
    assert (await agent.post("/comptes/invitations", {"email": "a@b.fr", "roles": "requester"})).status_code == 403
    assert await people.rows("SELECT 1 FROM invitation") == []


async def test_a_reset_takes_an_account_anew_and_ends_its_sessions(people: World) -> None:
    lost = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = 'agent@caf.example'")
    boss = await administrator(people)
    await boss.see("/comptes")
    assert (await boss.post("/comptes/reprise", {"account": identifier, "check": "in_person"})).status_code == 200
    found = re.search(r"http://ecluse\.example(/invitation/[\w-]{43})", boss.page)
    assert found
    opened, fresh = browser(people), "sept-cigognes-sur-le-clocher"
    await opened.see(found.group(1))
    await opened.follow(await opened.post(found.group(1), {"password": fresh, "again": fresh, "agrees": "yes"}))
    assert (await lost.get("/compte")).status_code == 303
    assert await people.rows("SELECT 1 FROM totp WHERE account = ?", identifier) == []
    again = browser(people)
    await again.sign_in("agent@caf.example", fresh)
    assert "Vos fonctions" in again.text


async def test_an_administrator_does_not_reset_an_account_that_serves_another_party(people: World) -> None:
    identifier = await account(people, "dpo-mutualise@exemple.fr", CAF, "requester")
    await account(people, "dpo-mutualise@exemple.fr", SGL, "controller")
    boss = await administrator(people)
    await boss.see("/comptes")
    assert (await boss.post("/comptes/reprise", {"account": identifier, "check": "in_person"})).status_code == 403
    assert await people.rows("SELECT 1 FROM invitation") == []


async def test_a_withdrawn_invitation_is_void_and_anothers_cannot_be_withdrawn(people: World) -> None:
    boss, other = await administrator(people), await administrator(people, SGL)
    link = await _invite(boss, "nouvelle@caf.example", "requester")
    ((identifier,),) = await people.rows("SELECT id FROM invitation")
    await other.confirm()
    await other.see("/comptes")
    assert (await other.post("/comptes/invitations/retrait", {"invitation": identifier})).status_code == 404
    await boss.follow(await boss.post("/comptes/invitations/retrait", {"invitation": identifier}))
    assert (await browser(people).get(link)).status_code == 404


async def test_only_the_hash_of_a_link_is_kept(people: World) -> None:
    link = await invitation(people, "nouvelle@caf.example", CAF, "requester")
    secret = link.rsplit("/", 1)[1].encode()
    for row in await people.rows("SELECT * FROM invitation"):
        assert all(secret not in (value if isinstance(value, bytes) else str(value).encode()) for value in row)


async def test_a_closed_account_is_opened_again_by_an_invitation(people: World) -> None:
    from registry.storage.accounts import close_account, find_account

    identifier = await account(people, "agent@caf.example", CAF)
    await people.gate.engine.transact(lambda tx: close_account(tx, identifier, people.gate.now()))
    link = await invitation(people, "agent@caf.example", CAF, "requester")
    opened = browser(people)
    await opened.see(link)
    await opened.follow(await opened.post(link, GOOD))
    assert await people.gate.engine.read(lambda tx: find_account(tx, "agent@caf.example")) == identifier
    assert (
        await people.gate.engine.transact(lambda tx: account_for(tx, "agent@caf.example", people.gate.now()))
        == identifier
    )
