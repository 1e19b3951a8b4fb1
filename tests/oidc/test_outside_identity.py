"""Signing in through a certified provider; and every answer that must not sign anybody in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from registry.storage.conventions import Conventions
from server.auth.oidc import COOKIE, Provider
from server.pages.outside_identity import CALLBACK
from tests.oidc.conftest import Outside
from tests.server.people.browsers import Browser, account, browser, entered
from tests.world import CAF, SGL

SPOILED = [
    "nonce", "no_nonce", "audience", "audiences", "issuer", "expired", "no_expiry", "future", "no_subject",
    "unknown_key", "unsigned", "shared_secret", "public_key_as_secret", "altered", "garbage", "userinfo",
]  # fmt: skip


async def _linked(outside: Outside, who: str = "agent@caf.example", party: str = CAF) -> Browser:
    """A person signed in by password who linked the provider's present subject."""
    person = await entered(outside.world, who, party, "requester")
    _real_time(person)
    answer = await outside.through(person, purpose="link")
    assert answer.headers["location"] == "/compte"
    return person


def _real_time(person: Browser) -> None:
    """The provider's clock is the machine's."""
    person.world.app.state.auth.wall = lambda: datetime.now(UTC)


async def _sessions(outside: Outside) -> int:
    return len(await outside.world.rows("SELECT 1 FROM session"))


async def test_a_linked_subject_signs_in(outside: Outside) -> None:
    await _linked(outside)
    person = outside.browser()
    _real_time(person)
    await person.follow(await outside.through(person, next="/compte"))
    assert "agent@caf.example" in person.text
    assert (await person.client.get("/api/v1/requests")).status_code == 200


async def test_what_is_asked_of_the_provider(outside: Outside) -> None:
    person = outside.browser()
    address = urlsplit(await outside.leave(person))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.geturl().startswith(f"{outside.issuer}/auth?")
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == "http://ecluse.example/connexion/oidc/retour"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert asked["nonce"] not in (person.client.cookies.get(COOKIE) or "")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("spoil", SPOILED)
async def test_a_spoiled_answer_signs_nobody_in(outside: Outside, spoil: str) -> None:
    await _linked(outside)
    before = await _sessions(outside)
    await outside.says(spoil=spoil)
    person = outside.browser()
    _real_time(person)
    answer = await outside.through(person)
    assert answer.status_code == 403, person.text
    assert person.cookie is None
    assert await _sessions(outside) == before


async def test_another_subject_with_the_same_address_is_a_stranger(outside: Outside) -> None:
    await _linked(outside)
    await outside.says(subject="sujet-2", email="agent@caf.example")
    person = outside.browser()
    _real_time(person)
    answer = await outside.through(person)
    assert answer.status_code == 403
    assert "liée à aucun compte" in person.text
    assert person.cookie is None


async def test_the_same_subject_with_another_address_is_the_same_person(outside: Outside) -> None:
    await _linked(outside)
    await outside.says(email="nouveau-nom@caf.example")
    person = outside.browser()
    _real_time(person)
    await person.follow(await outside.through(person))
    assert "agent@caf.example" in person.text


async def test_answers_of_two_flows_are_not_mixed(outside: Outside) -> None:
    await _linked(outside)
    person = outside.browser()
    _real_time(person)
    first = await outside.leave(person)
    second = await outside.leave(person)
    answered = await outside.provider(first)
    assert (await person.get(answered)).status_code == 403
    assert person.cookie is None
    await person.follow(await person.get(await outside.provider(second)))


async def test_an_answer_is_for_the_browser_that_asked(outside: Outside) -> None:
    """Login CSRF: a victim led to the attacker's answer is not signed in as the attacker."""
    await _linked(outside)
    attacker, victim = outside.browser(), outside.browser()
    _real_time(attacker)
    path = await outside.provider(await outside.leave(attacker))
    assert (await victim.get(path)).status_code == 403
    assert victim.cookie is None
    await outside.leave(victim)
    assert (await victim.get(path)).status_code == 403
    assert victim.cookie is None


async def test_an_answer_serves_once(outside: Outside) -> None:
    await _linked(outside)
    person = outside.browser()
    _real_time(person)
    path = await outside.provider(await outside.leave(person))
    kept = person.client.cookies.get(COOKIE) or ""
    await person.follow(await person.get(path))
    again = outside.browser()
    again.client.cookies.set(COOKIE, kept)
    assert (await again.get(path)).status_code == 403
    assert again.cookie is None


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "change", [{"state": "x"}, {"iss": "http://127.0.0.1:1"}, {"code": "faux"}, {"error": "access_denied"}]
)
async def test_an_answer_that_was_changed_is_refused(outside: Outside, change: dict[str, str]) -> None:
    await _linked(outside)
    person = outside.browser()
    _real_time(person)
    parts = urlsplit(await outside.provider(await outside.leave(person)))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | change
    answer = await person.get(f"{parts.path}?{httpx.QueryParams(query)}")
    assert answer.status_code == 403
    assert person.cookie is None


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("cookie", ["", "gAAAA", "gAAAAABk" + "A" * 100])
async def test_a_forged_flow_is_refused(outside: Outside, cookie: str) -> None:
    person = outside.browser()
    person.client.cookies.set(COOKIE, cookie)
    assert (await person.get("/connexion/oidc/retour?code=a&state=b")).status_code == 403


async def test_the_second_factor_is_still_asked_when_the_provider_promises_none(outside: Outside) -> None:
    first = await _linked(outside)
    outside.world.app.state.auth.wall = lambda: datetime.fromtimestamp(first.now, UTC)
    await first.install_codes()
    person = outside.browser()
    _real_time(person)
    await person.follow(await outside.through(person))
    assert "Second facteur" in person.text


async def _with_acr(outside: Outside) -> None:
    auth = outside.world.app.state.auth
    settings = replace(auth.provider.settings, acr="eidas2 eidas3")
    auth.provider = Provider(settings, f"{auth.site.origin}{CALLBACK}")


async def test_the_assurance_level_asked_for_is_required(outside: Outside) -> None:
    await _linked(outside)
    await _with_acr(outside)
    person = outside.browser()
    _real_time(person)
    assert "acr_values=eidas2" in await outside.leave(person)
    await person.follow(await outside.through(person))
    await outside.says(spoil="acr")
    refused = outside.browser()
    _real_time(refused)
    assert (await outside.through(refused)).status_code == 403
    assert "niveau de garantie" in refused.text


async def test_a_person_confirms_at_the_provider_as_themselves_only(outside: Outside) -> None:
    person = await _linked(outside)
    await _with_acr(outside)
    outside.world.calendar.minutes += 11
    await person.see("/confirmation")
    assert "Confirmer avec ProConnect" in person.text
    await outside.says(subject="sujet-2")
    assert (await outside.through(person, purpose="confirm")).status_code == 403
    await outside.says(subject="sujet-1")
    before = person.cookie
    assert (await outside.through(person, purpose="confirm")).status_code == 303
    assert person.cookie != before
    assert len(await outside.world.rows("SELECT 1 FROM session WHERE factor_at IS NOT NULL")) == 1


async def test_an_identity_is_linked_once_and_by_ones_own_session_only(outside: Outside) -> None:
    first = await _linked(outside)
    second = await entered(outside.world, "autre@caf.example", CAF, "requester")
    _real_time(second)
    answer = await outside.through(second, purpose="link")
    assert answer.status_code == 403
    assert "déjà liée" in second.text
    await outside.says(subject="sujet-3")
    path = await outside.provider(await outside.leave(second, purpose="link"))
    await second.see("/compte")
    await second.post("/deconnexion")
    await second.sign_in("autre@caf.example")
    assert (await second.get(path)).headers["location"].startswith("/connexion")
    assert len(await outside.world.rows("SELECT 1 FROM identity")) == 1
    await first.see("/compte")
    form = {"issuer": outside.issuer, "subject": "sujet-1"}
    await second.see("/compte")
    assert (await second.post("/compte/identite/suppression", form)).status_code == 404
    await first.follow(await first.post("/compte/identite/suppression", form))
    assert await outside.world.rows("SELECT 1 FROM identity") == []


async def test_an_establishment_that_is_not_the_partys_is_refused(outside: Outside) -> None:
    siret = await _siret(outside, CAF)
    await outside.says(siret=siret)
    await _linked(outside)
    for given, status in ((siret, 303), ("00000000000000", 403), (None, 303)):
        await outside.says(siret=given)
        person = outside.browser()
        _real_time(person)
        assert (await outside.through(person)).status_code == status, given


async def _siret(outside: Outside, party: str) -> str:
    """The party's SIRET; the reference convention may not give one, then the test writes it."""
    import json

    ((document,),) = await outside.world.rows("SELECT document FROM convention")
    changed: dict[str, Any] = json.loads(bytes(document))
    for one in changed["parties"]:
        if one["id"] == party:
            one["siret"] = one.get("siret") or "77980044100018"
            found = one["siret"]
    await outside.world.gate.engine.transact(
        lambda tx: tx.execute("UPDATE convention SET document = ?", json.dumps(changed).encode())
    )
    outside.world.app.state.gate.conventions = Conventions()  # a document of a known revision is kept
    return str(found)


async def test_a_silent_provider_is_said_to_be_so(outside: Outside) -> None:
    auth = outside.world.app.state.auth
    settings = replace(auth.provider.settings, issuer="http://127.0.0.1:9")
    auth.provider = Provider(settings, f"{auth.site.origin}{CALLBACK}")
    person = outside.browser()
    await person.see("/connexion")
    answer = await person.post("/connexion/oidc")
    assert answer.status_code == 503
    assert "injoignable" in person.text


async def test_a_closed_account_is_not_entered_from_outside(outside: Outside) -> None:
    await _linked(outside, "dpo-mutualise@exemple.fr", SGL)
    await outside.world.gate.engine.transact(
        lambda tx: tx.execute("UPDATE account SET closed_at = '2023-01-01T00:00:00.000Z' WHERE email LIKE 'dpo-mut%'")
    )
    person = outside.browser()
    _real_time(person)
    await outside.through(person)
    assert (await person.get("/compte")).status_code == 303
    assert await account(outside.world, "a@caf.example", CAF)
    assert browser(outside.world).cookie is None
