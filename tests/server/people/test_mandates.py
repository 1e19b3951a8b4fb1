"""Designations and delegations from the page: dated acts of the convention, by whom they belong to."""

from datetime import date
from typing import Any

import pytest

from tests.server.people.browsers import Browser, account, browser, entered
from tests.world import CAF, World, email

DELEGATION = {
    "user": "adjoint@caf.example",
    "valid_from": "2023-03-02",
    "valid_until": "2023-06-30",
    "reference": "Arrêté 12",
}


async def _controller(world: World) -> Browser:
    await account(world, email(CAF, "controller"), CAF)
    opened = browser(world)
    await opened.sign_in(email(CAF, "controller"))
    await opened.follow(await opened.post("/connexion/partie", {"party": CAF, "agrees": "yes", "next": "/"}))
    await opened.install_codes()
    return opened


async def test_a_controller_delegates_and_the_delegate_decides_between_the_dates(people: World) -> None:
    boss = await _controller(people)
    await boss.see("/mandats")
    await boss.follow(await boss.post("/mandats/delegations", DELEGATION))
    assert "adjoint@caf.example" in boss.text
    assert "à venir" in boss.text
    await account(people, "adjoint@caf.example", CAF)
    seen = {}
    for day in (date(2023, 3, 1), date(2023, 3, 2), date(2023, 6, 30), date(2023, 7, 1)):
        people.calendar.day = day
        opened = browser(people)
        await opened.sign_in("adjoint@caf.example")
        seen[day.isoformat()] = "Délégataire du responsable de traitement" in opened.text
    assert list(seen.values()) == [False, True, True, False]


async def test_an_interim_dpo_is_designated_from_the_page(people: World) -> None:
    boss = await _controller(people)
    await boss.see("/mandats")
    form = {"person": "interim@caf.example", "from": "2023-03-01", "until": "2023-03-31", "interim": "yes"}
    await boss.follow(await boss.post("/mandats/designations", form))
    assert "intérim" in boss.text
    rows = await people.rows(
        "SELECT r.valid_until FROM account_role r JOIN account a ON a.id = r.account WHERE a.email = 'interim@caf.example'"
    )
    assert rows == [("2023-03-31",)]


@pytest.mark.parametrize(
    "change", [{"user": ""}, {"valid_from": ""}, {"valid_from": "demain"}, {"valid_until": "2023-01-01"}]
)
async def test_a_wrong_delegation_is_refused_beside_its_field(people: World, change: dict[str, Any]) -> None:
    boss = await _controller(people)
    before = await people.events()
    await boss.see("/mandats")
    assert (await boss.post("/mandats/delegations", {**DELEGATION, **change})).status_code == 422
    assert f'id="{next(iter(change))}-error"' in boss.page
    assert await people.events() == before


async def test_others_neither_read_mandates_nor_give_them(people: World) -> None:
    agent = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    assert (await agent.get("/mandats")).status_code == 403
    await agent.see("/compte")
    assert (await agent.post("/mandats/delegations", DELEGATION)).status_code == 403
    assert (await agent.post("/mandats/designations", {"person": "a@b.fr", "from": "2023-03-01"})).status_code == 403


async def test_a_delegation_asks_to_confirm(people: World) -> None:
    boss = await _controller(people)
    people.calendar.minutes += 11
    await boss.see("/mandats")
    asked = await boss.post("/mandats/delegations", DELEGATION, Referer="http://ecluse.example/mandats")
    assert asked.headers["location"] == "/confirmation?next=/mandats"


async def test_who_has_no_second_factor_is_led_to_add_one_not_round_in_circles(people: World) -> None:
    await account(people, email(CAF, "controller"), CAF)
    boss = browser(people)
    await boss.sign_in(email(CAF, "controller"))
    await boss.follow(await boss.post("/connexion/partie", {"party": CAF, "agrees": "yes", "next": "/"}))
    await boss.see("/mandats")
    asked = await boss.post("/mandats/delegations", DELEGATION, Referer="http://ecluse.example/mandats")
    await boss.see(asked.headers["location"])
    assert "Ajouter un second facteur" in boss.text
    assert 'name="password"' not in boss.page
    await boss.see("/confirmation?next=/compte")
    assert 'name="password"' in boss.page
    await boss.install_codes()
    await boss.see("/mandats")
    await boss.follow(await boss.post("/mandats/delegations", DELEGATION))
    assert "adjoint@caf.example" in boss.text
