"""Deactivation, absences and their substitutes."""

from datetime import date

import pytest

from registry.gate.erasure import erase_account
from registry.gate.session import Session
from registry.storage.cleaning import READABLE, clean
from tests.server.people.browsers import account, administrator, browser, entered, invitation
from tests.server.test_erasure import ALL
from tests.world import CAF, SGL, World, email


async def test_the_page_lists_the_party_and_nobody_elses(people: World) -> None:
    boss = await administrator(people)
    page = await boss.see("/comptes")
    assert email(CAF, "requester") in page
    assert email(SGL, "requester") not in page


async def test_deactivating_one_party_leaves_the_other(people: World) -> None:
    opened = await entered(people, "dpo-mutualise@exemple.fr", CAF, "requester")
    identifier = await account(people, "dpo-mutualise@exemple.fr", SGL, "auditor")
    boss = await administrator(people)
    await boss.see("/comptes")
    await boss.follow(await boss.post("/comptes/desactivation", {"account": identifier}))
    assert (await opened.get("/compte")).status_code == 303
    again = browser(people)
    await again.sign_in("dpo-mutualise@exemple.fr")
    assert "Saint-Genis-Laval" in again.text
    assert "Agir pour Caf" not in again.text


async def test_deactivating_ends_the_tokens_of_the_party(people: World) -> None:
    assert (await people.call((CAF, "requester"), "GET", "/requests")).status_code == 200
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = ?", email(CAF, "requester"))
    boss = await administrator(people)
    await boss.see("/comptes")
    await boss.follow(await boss.post("/comptes/desactivation", {"account": identifier}))
    assert (await people.call((CAF, "requester"), "GET", "/requests")).status_code == 401


async def test_an_administrator_touches_neither_oneself_nor_another_partys_people(people: World) -> None:
    boss = await administrator(people)
    ((mine,),) = await people.rows("SELECT id FROM account WHERE email = ?", email(CAF, "administrator"))
    ((theirs,),) = await people.rows("SELECT id FROM account WHERE email = ?", email(SGL, "requester"))
    await boss.see("/comptes")
    assert (await boss.post("/comptes/desactivation", {"account": mine})).status_code == 403
    assert (await boss.post("/comptes/desactivation", {"account": theirs})).status_code == 404
    assert (await boss.post("/comptes/fonctions/fin", {"account": theirs, "role": "requester"})).status_code == 404
    assert (await people.call((SGL, "requester"), "GET", "/requests")).status_code == 200


async def test_a_dpo_is_not_dismissed_by_an_administrator(people: World) -> None:
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = ?", email(CAF, "dpo"))
    boss = await administrator(people)
    await boss.see("/comptes")
    assert (await boss.post("/comptes/fonctions/fin", {"account": identifier, "role": "dpo"})).status_code == 403
    assert (await people.call((CAF, "dpo"), "GET", "/requests")).status_code == 200


async def test_a_substitute_holds_the_roles_while_the_absence_lasts(people: World) -> None:
    away = await entered(people, "referente@caf.example", CAF, "business_referent", codes=True)
    substitute = await entered(people, "collegue@caf.example", CAF, "auditor")
    request_id = await people.filed()
    await away.see("/compte")
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = 'referente@caf.example'")
    absence = {
        "account": identifier,
        "substitute": "collegue@caf.example",
        "starts": "2023-03-02",
        "ends": "2023-03-10",
        "next": "/compte",
    }
    await away.follow(await away.post("/comptes/absences", absence))
    path, body = f"/api/v1/requests/{request_id}/admission", {"outcome": "under_study"}

    async def admit(day: date) -> int:
        people.calendar.day = day
        substitute.client.cookies.clear()
        await substitute.sign_in("collegue@caf.example")
        await substitute.see("/compte")
        headers = {"X-CSRF-Token": substitute.csrf, "Origin": "http://ecluse.example"}
        return (await substitute.client.post(path, json=body, headers=headers)).status_code

    assert await admit(date(2023, 3, 1)) == 403
    assert await admit(date(2023, 3, 2)) == 200
    assert "Référent métier" in await substitute.see("/compte")
    assert await admit(date(2023, 3, 10)) == 409
    assert await admit(date(2023, 3, 11)) == 403
    assert "Référent métier" not in await substitute.see("/compte")


async def test_coming_back_ends_the_substitutes_roles(people: World) -> None:
    await account(people, "referente@caf.example", CAF, "business_referent")
    await account(people, "collegue@caf.example", CAF, "auditor")
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = 'referente@caf.example'")
    boss = await administrator(people)
    await boss.see("/comptes")
    absence = {
        "account": identifier,
        "substitute": "collegue@caf.example",
        "starts": "2023-03-01",
        "ends": "2023-03-10",
    }
    await boss.follow(await boss.post("/comptes/absences", absence))
    held = "SELECT count(*) FROM account_role r JOIN account a ON a.id = r.account WHERE a.email = 'collegue@caf.example' AND r.role = 'business_referent' AND r.valid_until >= '2023-03-01'"
    assert await people.rows(held) == [(1,)]
    ((named,),) = await people.rows("SELECT id FROM absence")
    await boss.follow(await boss.post("/comptes/absences/fin", {"absence": named}))
    assert await people.rows(held) == [(0,)]


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"substitute": "inconnu@caf.example"}, 422, "compte dans votre partie"),
        ({"substitute": email(SGL, "requester")}, 422, "compte dans votre partie"),
        ({"substitute": email(CAF, "administrator")}, 403, "vous attribuer"),
        ({"starts": "2023-02-01"}, 422, "au plus tôt"),
        ({"ends": "2023-02-01"}, 422, "précède"),
        ({"ends": "2025-02-01"}, 422, "un an au plus"),
        ({"who": "controller"}, 422, "Aucune fonction"),
        ({"who": "dpo"}, 422, "Aucune fonction"),
    ],
)
async def test_a_wrong_absence_is_refused(people: World, fields: dict[str, str], status: int, sentence: str) -> None:
    """Also: deciders and DPOs are replaced by dated acts of the convention only, and nobody serves themselves."""
    who = fields.get("who", "business_referent")
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = ?", email(CAF, who))
    boss = await administrator(people)
    await boss.see("/comptes")
    absence = {"account": identifier, "substitute": email(CAF, "auditor"), "starts": "2023-03-02", "ends": "2023-03-10"}
    refused = await boss.post("/comptes/absences", {**absence, **{k: v for k, v in fields.items() if k != "who"}})
    assert refused.status_code == status
    assert sentence in boss.text
    assert await people.rows("SELECT 1 FROM absence") == []
    assert await people.rows("SELECT 1 FROM account_role WHERE source <> ''") == []


async def test_an_erased_account_leaves_nothing_and_others_keep_theirs(people: World) -> None:
    """Address and id are in no table but the signed facts, where the id now names nobody."""
    gone = await entered(people, "partie@caf.example", CAF, "business_referent", codes=True)
    kept = await entered(people, "collegue@caf.example", CAF, "auditor", codes=True)
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = 'partie@caf.example'")
    await gone.see("/compte")
    absence = {
        "account": identifier,
        "substitute": "collegue@caf.example",
        "starts": "2023-03-01",
        "ends": "2023-03-10",
        "next": "/compte",
    }
    await gone.follow(await gone.post("/comptes/absences", absence))
    await gone.see("/compte")
    await gone.post("/compte/codes-de-secours")
    await invitation(people, "partie@caf.example", CAF, "requester")

    async def erase(session: Session) -> bool:
        return await erase_account(session, "partie@caf.example", {**ALL, "reason": "departure"})

    assert await people.gate.unattended(erase)
    assert await clean(people.gate.engine)
    for table in READABLE:
        for row in await people.rows(f"SELECT * FROM {table}"):
            assert identifier not in row, table
            assert "partie@caf.example" not in row, table
    assert (await gone.get("/compte")).status_code == 303
    assert (await kept.get("/compte")).status_code == 200
    await kept.confirm()
    assert "Référent métier" not in await kept.see("/")
