"""Signing in: what is asked of whom, what is refused, what is recorded."""

import pytest

from server.auth.passwords import Passwords
from tests.server.people.browsers import PASSWORD, account, browser, entered, invitation
from tests.world import CAF, SGL, World, email


async def _acts(world: World, party: str) -> list[str]:
    """The acts of type `account` in a party's log."""
    import json

    rows = await world.rows(
        "SELECT e.facts FROM event e JOIN log l ON l.id = e.log WHERE l.owner = ? AND e.type = 'account' ORDER BY e.seq",
        party,
    )
    return [json.loads(bytes(facts))["act"].removeprefix("account.") for (facts,) in rows]


async def test_a_person_signs_in_undertakes_and_acts_for_their_party(people: World) -> None:
    await account(people, "agent@caf.example", CAF, "requester")
    opened = browser(people)
    await opened.sign_in("agent@caf.example")
    assert "secret professionnel" in opened.text
    refused = await opened.post("/connexion/partie", {"party": CAF, "next": "/"})
    assert refused.status_code == 422
    assert "Acceptez l'engagement" in opened.text
    await opened.follow(await opened.post("/connexion/partie", {"party": CAF, "agrees": "yes", "next": "/"}))
    assert "Vos fonctions" in opened.text
    assert await _acts(people, CAF) == ["undertaking_accepted", "signed_in"]
    assert len(await people.rows("SELECT 1 FROM undertaking WHERE party = ? AND version = '2026-1'", CAF)) == 1


async def test_the_undertaking_is_asked_once(people: World) -> None:
    await entered(people, "agent@caf.example", CAF, "requester")
    again = browser(people)
    await again.sign_in("agent@caf.example")
    assert "Vos fonctions" in again.text


@pytest.mark.parametrize(("who", "password"), [("agent@caf.example", "faux"), ("inconnu@caf.example", PASSWORD)])
async def test_nothing_says_which_of_address_and_password_is_wrong(people: World, who: str, password: str) -> None:
    await account(people, "agent@caf.example", CAF, "requester")
    opened = browser(people)
    await opened.see("/connexion")
    refused = await opened.post("/connexion", {"email": who, "password": password})
    assert refused.status_code == 403
    assert "Adresse ou mot de passe incorrect." in opened.text
    assert opened.cookie is None
    assert await people.rows("SELECT 1 FROM session") == []


async def test_a_refusal_is_recorded_once_an_hour_where_the_account_has_roles(people: World) -> None:
    await account(people, "agent@caf.example", CAF, "requester")
    opened = browser(people)
    await opened.see("/connexion")
    for _ in range(3):
        await opened.post("/connexion", {"email": "agent@caf.example", "password": "faux"})
    assert await _acts(people, CAF) == ["sign_in_refused"]


async def test_a_record_of_an_account_names_nobody(people: World) -> None:
    await entered(people, "agent@caf.example", CAF, "requester")
    rows = await people.rows("SELECT record, facts FROM event WHERE type = 'account'")
    assert rows
    for record, facts in rows:
        assert b"agent@caf" not in bytes(record) + bytes(facts)
    assert (
        await people.rows("SELECT 1 FROM opening o JOIN event e ON e.object = o.object WHERE e.type = 'account'") == []
    )


async def test_the_second_factor_is_asked_and_opens_nothing_before(people: World) -> None:
    first = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    second = browser(people)
    second.seed, second.now = first.seed, first.now
    await second.sign_in("agent@caf.example")
    assert "Second facteur" in second.text
    assert (await second.get("/compte")).headers["location"].startswith("/connexion")
    listed = await second.client.get("/api/v1/requests")
    assert listed.status_code == 401
    waiting = second.cookie
    refused = await second.post("/confirmation", {"code": "000000", "next": "/"})
    assert refused.status_code == 403
    await second.follow(await second.post("/confirmation", {"code": second.code(), "next": "/"}))
    assert "Vos fonctions" in second.text
    assert second.cookie != waiting


async def test_a_one_time_code_serves_once(people: World) -> None:
    first = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    code = first.code()
    await first.see("/confirmation")
    await first.follow(await first.post("/confirmation", {"code": code, "next": "/"}))
    await first.see("/confirmation")
    assert (await first.post("/confirmation", {"code": code, "next": "/"})).status_code == 403


async def test_a_recovery_code_serves_once_instead_of_the_second_factor(people: World) -> None:
    import re

    first = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    await first.see("/compte")
    assert (await first.post("/compte/codes-de-secours")).status_code == 200
    codes = re.findall(r"<code>([a-z0-9-]{19})</code>", first.page)
    assert len(set(codes)) == 10
    kept = [bytes(row[0]) for row in await people.rows("SELECT hash FROM recovery_code")]
    assert len(kept) == 10
    for attempt, status in ((codes[0].upper(), 303), (codes[0], 403), (codes[1], 303)):
        other = browser(people)
        await other.sign_in("agent@caf.example")
        assert (await other.post("/confirmation", {"code": attempt, "next": "/"})).status_code == status


async def test_one_account_serves_two_parties_one_at_a_time(people: World) -> None:
    await account(people, "dpo-mutualise@exemple.fr", CAF, "requester")
    await account(people, "dpo-mutualise@exemple.fr", SGL, "auditor")
    opened = browser(people)
    await opened.sign_in("dpo-mutualise@exemple.fr")
    await opened.follow(await opened.post("/connexion/partie", {"party": CAF, "agrees": "yes", "next": "/"}))
    for_caf = opened.cookie
    assert (await opened.client.get(f"/api/v1/parties/{CAF}/register")).status_code == 200
    assert (await opened.client.get(f"/api/v1/parties/{SGL}/register")).status_code == 404
    await opened.see("/connexion/partie")
    await opened.follow(await opened.post("/connexion/partie", {"party": SGL, "agrees": "yes", "next": "/"}))
    assert opened.cookie != for_caf
    assert (await opened.client.get(f"/api/v1/parties/{SGL}/register")).status_code == 200
    assert (await opened.client.get(f"/api/v1/parties/{CAF}/register")).status_code == 404
    refused = await opened.post("/connexion/partie", {"party": "oullins", "agrees": "yes"})
    assert refused.status_code == 404


async def test_an_account_without_a_password_signs_in_by_no_password(people: World) -> None:
    opened = browser(people)
    await opened.see("/connexion")
    for password in ("", "personne ne se connecte ainsi"):
        refused = await opened.post("/connexion", {"email": email(CAF, "dpo"), "password": password})
        assert refused.status_code == 403


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("court", "au moins 12 caractères"),
        ("motdepasse1234", "listes divulguées"),
        ("nouvelle-caf.example", "reprend votre adresse"),
        ("aaaaaaaaaaaaaaaa", "se devine trop vite"),
    ],
)
async def test_a_weak_password_is_refused_with_the_reason(people: World, password: str, sentence: str) -> None:
    opened = browser(people)
    link = await invitation(people, "nouvelle@caf.example", CAF, "requester")
    await opened.see(link)
    refused = await opened.post(link, {"password": password, "again": password, "agrees": "yes"})
    assert refused.status_code == 422
    assert sentence in opened.text
    assert await people.rows("SELECT 1 FROM password") == []


async def test_passwords_are_argon2id_at_the_librarys_own_cost() -> None:
    hashed = await Passwords().hash("quatre-tilleuls")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await Passwords().verify(hashed, "quatre-tilleuls")
    assert not await Passwords().verify(hashed, "quatre-chênes")
    assert not await Passwords().verify(None, "quatre-tilleuls")
