"""The privacy of the tool itself: its periods, its log, the export and the erasure of one's own account, its record."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from registry.gate.gate import operator_of
from registry.gate.own_records import add_own_record
from registry.gate.retention import keep_periods, trail_over_on, trails
from registry.refusals import AlreadyDone
from registry.storage.accounts import close_account
from registry.storage.cleaning import clean
from registry.storage.retention import Periods
from schemas import violations
from server.expiry import Expiry
from server.logs import configure_logs, without_words
from server.settings import SettingError, read_settings
from tests.registry.storage.test_reconcile import fine
from tests.server.people.browsers import account, browser, entered, invitation
from tests.world import CAF, SGL, World, email

if TYPE_CHECKING:
    from collections.abc import Callable

PERIODS = Periods()


async def _keep(world: World) -> Any:
    return await world.gate.unattended(lambda session: keep_periods(session, PERIODS))


async def test_what_is_over_goes_and_what_still_serves_stays(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester")
    await people.create()
    token = people.tokens[CAF, "auditor"]
    await invitation(people, "invitee@caf.example", CAF, "auditor")
    await people.call((SGL, "requester"), "POST", "/requests/x/filing", {}, headers={"Idempotency-Key": "k"})
    headers = {"Idempotency-Key": "une"}
    body = {"record": {"title": "Paie"}}
    await people.ok((SGL, "records_manager"), "POST", f"/parties/{SGL}/register/entries", body, headers=headers)
    assert (await _keep(people)).rows == {}
    people.calendar.day += timedelta(days=40)
    done = await _keep(people)
    assert {"session": 1, "invitation": 1, "idempotency": 1}.items() <= done.rows.items()
    assert (await opened.get("/compte")).status_code == 303
    assert (
        await people.client.get("/api/v1/requests", headers={"Authorization": f"Bearer {token}"})
    ).status_code == 200
    assert (await _keep(people)).rows == {}
    assert await people.rows("SELECT 1 FROM account WHERE email = 'agent@caf.example'") != []


async def test_an_account_closed_long_ago_is_erased_and_every_proof_still_holds(people: World) -> None:
    request_id = await people.filed()
    asker = email(SGL, "requester")
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = ?", asker)
    await people.gate.engine.transact(lambda tx: close_account(tx, identifier, people.calendar()))
    people.calendar.day += timedelta(days=PERIODS.accounts - 1)
    assert (await _keep(people)).accounts == 0
    people.calendar.day += timedelta(days=1)
    expiry = Expiry(people.gate, PERIODS)
    await expiry.round()
    assert await people.rows("SELECT 1 FROM account WHERE id = ?", identifier) == []
    assert await people.rows("SELECT 1 FROM actor WHERE account = ?", identifier) == []
    await expiry.round()
    while not await clean(people.gate.engine):
        pass
    assert (await people.rows("SELECT count(*) FROM exchange WHERE id = ?", request_id))[0][0] == 1
    await people.published()
    await fine(people)


async def test_the_trail_of_an_ended_exchange_is_told_and_never_erased_by_itself(people: World) -> None:
    kept, ended = await people.filed(), await people.filed()
    await people.ok((SGL, "requester"), "POST", f"/requests/{ended}/withdrawal", {"reasons": "Sans suite."})
    last = people.calendar.day

    async def told() -> list[str]:
        today = people.calendar.day
        return [one.exchange for one in await people.gate.engine.read(lambda tx: trails(tx, today, PERIODS))]

    people.calendar.day = trail_over_on(last, PERIODS) - timedelta(days=1)
    assert await told() == []
    people.calendar.day += timedelta(days=1)
    await _keep(people)
    assert await told() == [ended]
    assert kept not in await told()
    boss = await entered(people, email(SGL, "controller"), SGL, "controller")
    assert f'href="/echanges/{ended}/actes/erasure"' in await boss.see(f"/echanges/{ended}")
    assert "conservation de ce dossier est échue" in boss.text
    await boss.see(f"/echanges/{kept}")
    assert "est échue" not in boss.text
    assert await people.rows("SELECT 1 FROM opening WHERE object = ?", ended) != []
    body = {"scope": "object", "legal_basis": "retention_expired", "reason": "retention_expired",
            "dpo_informed_on": people.calendar.day.isoformat()}  # fmt: skip
    await people.ok((SGL, "controller"), "POST", f"/requests/{ended}/erasure", body)
    assert await told() == []


def test_a_leap_day_ends_on_the_first_of_march() -> None:
    from datetime import date

    assert trail_over_on(date(2024, 2, 29), PERIODS) == date(2029, 3, 1)


@pytest.mark.parametrize(("name", "value"), [("ACCOUNTS", "0"), ("TRAIL", "cinq"), ("MAILS", "-1"), ("DRAFTS", "1e3")])
def test_a_period_that_is_none_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"ECLUSE_KEEP_{name}"):
        read_settings({f"ECLUSE_KEEP_{name}": value})
    assert read_settings({"ECLUSE_KEEP_TRAIL": "10"}).periods.trail == 10


def test_the_log_says_where_and_never_who(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()

    def fails() -> None:
        try:
            int("marie.durand@caf.example")
        except ValueError as cause:
            message = "1 84 12 76 451 089 46"
            raise LookupError(message) from cause

    try:
        fails()
    except LookupError as error:
        structlog.get_logger("ecluse").error("unhandled error", path="/compte", exc_info=error)
    written = capsys.readouterr().err
    assert "marie" not in written
    assert "451 089" not in written
    told = json.loads(written)
    assert [one["kind"] for one in told["exception"]] == ["builtins.ValueError", "builtins.LookupError"]
    assert "test_privacy.py" in told["exception"][1]["places"][0]
    assert without_words(None, "info", {"event": "x"}) == {"event": "x"}


async def test_nothing_of_a_visit_is_written(people: World, capfd: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    opened = browser(people)
    await opened.get("/connexion?next=/echanges?q=marie.durand")
    await opened.see("/connexion")
    await opened.post("/connexion", {"email": "marie.durand@caf.example", "password": "faux", "next": "/"})
    await people.call((CAF, "dpo"), "GET", "/requests?q=marie.durand")
    assert "marie" not in "".join(capfd.readouterr())


async def test_everything_held_about_oneself_is_in_one_file(people: World) -> None:
    opened = await entered(people, "agent@caf.example", CAF, "requester", codes=True)
    request_id = await people.create(party=SGL)
    assert request_id
    data = (await opened.get("/compte/donnees.json")).json()
    assert data["email"] == "agent@caf.example"
    assert [one["role"] for one in data["roles"]] == ["requester"]
    assert data["sessions"]
    assert data["pseudonyms"]
    assert {one["act"] for one in data["records"]} >= {"account.signed_in", "account.factor_added"}
    for name in ("signing_keys", "tokens", "absences", "substitutions", "invitations", "texts", "drafts", "notices",
                 "mails", "mail_preferences"):  # fmt: skip
        assert name in data
    text = json.dumps(data)
    for secret in (opened.seed, opened.cookie or "", "argon2"):
        assert secret not in text


async def test_one_erases_ones_own_account_and_acts_stay_under_a_pseudonym(people: World) -> None:
    address = "partante@caf.example"
    opened = await entered(people, address, CAF, "requester", codes=True)
    ((identifier,),) = await people.rows("SELECT id FROM account WHERE email = ?", address)
    page = await opened.see("/compte/effacement")
    assert "Demandeur" in opened.text
    assert "Ce qui reste" in page
    wrong = await opened.post("/compte/effacement", {"email": "autre@caf.example"})
    assert wrong.status_code == 422
    people.calendar.minutes += 30
    await opened.see("/compte/effacement")
    unconfirmed = await opened.post("/compte/effacement", {"email": address})
    assert unconfirmed.headers["location"].startswith("/confirmation")
    await opened.confirm()
    await opened.see("/compte/effacement")
    await opened.follow(await opened.post("/compte/effacement", {"email": address.upper()}))
    assert "Vous agissez pour" not in opened.text
    assert await people.rows("SELECT 1 FROM account WHERE id = ?", identifier) == []
    ((facts,),) = await people.rows("SELECT facts FROM event WHERE type = 'erasure'")
    told = json.loads(facts)
    assert (told["derived"]["account"], told["input"]["reason"]) == (identifier, "data_subject_request")
    await people.published()
    await fine(people)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_who_holds_what_others_rely_on_hands_it_over_first(people: World) -> None:
    await people.gate.engine.transact(
        lambda tx: tx.execute("DELETE FROM account_role WHERE role = 'administrator' AND party = ?", CAF)
    )
    cases = [("administrator", "le dernier administrateur"), ("controller", "cette fonction doit d'abord"),
             ("dpo", "cette fonction doit d'abord")]  # fmt: skip
    for role, sentence in cases:
        address = f"{role}@parti.example"
        opened = await entered(people, address, CAF, role)
        page = await opened.see("/compte/effacement")
        assert sentence in opened.text.replace("&#39;", "'")
        assert 'name="email"' not in page
        await opened.see("/compte")
        assert (await opened.post("/compte/effacement", {"email": address})).status_code == 409
        assert await people.rows("SELECT 1 FROM account WHERE email = ?", address) != []
    await account(people, "second@parti.example", CAF, "administrator")
    opened = browser(people)
    await opened.sign_in("administrator@parti.example")
    assert 'name="email"' in await opened.see("/compte/effacement")


async def test_the_tools_own_record_is_a_draft_until_a_person_saves_it(people: World) -> None:
    async def add(party: str, host: str | None = None) -> Any:
        work: Callable[[Any], Any] = lambda session: add_own_record(session, party, PERIODS, host)  # noqa: E731
        return (await people.gate.record(operator_of(party), work)).value

    await add(CAF, CAF)
    with pytest.raises(AlreadyDone):
        await add(CAF, CAF)
    manager = (CAF, "records_manager")
    path = f"/parties/{CAF}/register"
    for kind, schema in (("controller", "register_record"), ("processor", "processor_record")):
        (line,) = (await people.ok(manager, "GET", f"{path}?kind={kind}"))["items"]
        assert line["status"] == "draft"
        assert violations(schema, line["record"]) == []
    entry = await people.ok(manager, "GET", f"{path}/entries/{line['entry']}")
    assert [c["name"] for c in entry["record"]["controllers"]]
    assert CAF not in [c["name"] for c in entry["record"]["controllers"]]
    people.calendar.day += timedelta(days=2)
    (line,) = (await people.ok(manager, "GET", f"{path}?kind=controller"))["items"]
    saved = await people.ok(
        manager, "PUT", f"{path}/entries/{line['entry']}", {"record": line["record"]}, version=line["version"]
    )
    assert saved["version"] == 2
    (line,) = (await people.ok(manager, "GET", f"{path}?kind=controller"))["items"]
    assert (line["status"], line["reference"]) == ("confirmed", "ECLUSE")
    before = (people.calendar.day - timedelta(days=1)).isoformat()
    assert (await people.ok(manager, "GET", f"{path}?kind=controller&as_of={before}"))["items"][0]["status"] == "draft"
    keeper = await entered(people, email(SGL, "records_manager"), SGL, "records_manager")
    await keeper.see("/compte")
    assert (await keeper.post("/registre/fiche-ecluse")).status_code == 303
    await keeper.see("/compte")
    assert (await keeper.post("/registre/fiche-ecluse")).status_code == 409
    clerk = await entered(people, "agent@caf.example", CAF, "requester")
    await clerk.see("/compte")
    assert (await clerk.post("/registre/fiche-ecluse")).status_code == 403
    await people.published()
    await fine(people)
