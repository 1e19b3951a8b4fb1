"""A request written, re-read and filed from its pages, without a script; nothing that was typed is ever lost."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from registry.conformity import check_request, proposed
from registry.convention import Convention
from schemas import violations
from server.app import create_app
from server.pages.filing_steps import begun, steps_of
from server.pages.language import translations
from server.pages.usual import begun_with, settled, usual_data, usual_requests
from tests.server.people.browsers import Browser, browser, entered
from tests.server.people.controls import controls
from tests.world import CAF, OULLINS, SGL, World, reference, request_document, running

if TYPE_CHECKING:
    import httpx

ONE = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
"""What no engine changes is tested on one."""
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7*7 }} %(x)s'


async def _requester(world: World, party: str = SGL) -> Browser:
    return await entered(world, f"redacteur@{party}.example", party, "requester")


def _sent(agent: Browser, **changes: Any) -> dict[str, Any]:
    """What the page's form would send, some fields changed (`__` stands for the slash of a name)."""
    form: dict[str, Any] = dict(controls(agent.page).sent)
    form.pop("_csrf")
    return form | {name.replace("__", "/"): value for name, value in changes.items()}


async def _begin(agent: Browser, start: str = "blank", **form: Any) -> str:
    """A draft; its id."""
    await agent.see("/echanges/nouveau")
    await agent.follow(await agent.post("/echanges/nouveau", {"start": start, **form}))
    return re.search(r"/echanges/([0-9a-f-]{36})/demande/", agent.page).group(1)  # type: ignore[union-attr]


async def _step(agent: Browser, draft: str, step: str, **changes: Any) -> httpx.Response:
    path = f"/echanges/{draft}/demande/{step}"
    await agent.see(path)
    return await agent.post(path, _sent(agent, **changes))


async def _answer(agent: Browser, draft: str, step: str, **changes: Any) -> str:
    """Save a step and go to the next one, past what is pointed out first."""
    response = await _step(agent, draft, step, _go="next", **changes)
    if response.headers.get("location", "").endswith("?enregistre=1"):
        await agent.follow(response)
        assert "C'est enregistré." in agent.text
        response = await agent.post(f"/echanges/{draft}/demande/{step}", _sent(agent, _go="next"))
    return await agent.follow(response)


async def _request(world: World, draft: str, party: str = SGL) -> dict[str, Any]:
    return dict((await world.read(draft, (party, "requester")))["request"])


async def test_a_request_is_written_and_filed_step_by_step_without_a_script(people: World) -> None:
    agent = await _requester(people)
    assert "Nouvelle demande" in await agent.see("/echanges")
    draft = await _begin(agent, holder=CAF)
    await _answer(
        agent, draft, "echange", title="Tarif de la cantine", convention_field="childhood", action_sheet="FA-2"
    )
    assert "Étape 2 sur 7" in agent.text
    purpose = "Calculer le tarif de la restauration scolaire à l'inscription"
    await _answer(
        agent, draft, "usage", purposes__main=purpose, purposes__secondary="Un\r\nDeux", purposes__kind="service_delivery",
        data_nature="identifying",
    )  # fmt: skip
    path = f"/echanges/{draft}/demande/donnees"
    await agent.see(path)
    await agent.post(path, _sent(agent, _pick=["Quotient familial du mois", "Date de naissance"]))
    await agent.post(path, _sent(agent, _add="data_items", data_items__1__necessity="Barème voté"))
    assert "Donnée demandée" in agent.text
    await agent.post(path, _sent(agent, _remove="data_items/0", data_items__2__label="Numéro allocataire"))
    kept = controls(agent.page).sent
    assert [kept[f"data_items/{n}/label"] for n in (0, 1)] == [["Quotient familial du mois"], ["Numéro allocataire"]]
    assert (await _request(people, draft)).get("data_items") is None, "rows are saved with their step"
    await _answer_here(agent, path, _go="next", exchange_mode="access")
    await agent.see(f"/echanges/{draft}/demande/personnes")
    await agent.post(f"/echanges/{draft}/demande/personnes", _sent(agent, _add="data_subjects"))
    await _answer_here(
        agent, f"/echanges/{draft}/demande/personnes", _go="next", data_subjects__0__category="Parents",
        data_subjects__0__minors="false", volume__count="1\u202f900", volume__scope="applicants",
    )  # fmt: skip
    await agent.post(f"/echanges/{draft}/demande/destinataires", _sent(agent, _add="recipients"))
    await _answer_here(
        agent, f"/echanges/{draft}/demande/destinataires", _go="next", recipients__0__label="Guichet famille",
        recipients__0__kind="internal_department",
    )  # fmt: skip
    await agent.post(f"/echanges/{draft}/demande/duree", _sent(agent, _add="retention"))
    await _answer_here(
        agent, f"/echanges/{draft}/demande/duree", _go="next", retention__0__category="Quotient",
        retention__0__months="12", retention__0__starts_at="Rentrée", retention__0__final_outcome="destruction",
        frequency="yearly", period__end="31/12/2025",
    )  # fmt: skip
    await agent.see(f"/echanges/{draft}/demande/relecture")
    for words in ("Tarif de la cantine", purpose, "Numéro allocataire", "1 900", "12 mois", "31/12/2025"):
        assert words in re.sub(r"\s", " ", agent.text)
    await agent.follow(await agent.post(f"/echanges/{draft}/demande/depot", _sent(agent, needed_by="2023-09-01")))
    assert "Récépissé de dépôt" in agent.text
    file = await people.read(draft)
    assert file["state"] == "filed"
    assert file["needed_by"] == "2023-09-01"
    asked = file["request"]
    assert asked["data_items"][1]["cnil_category"] == "identity"
    assert (
        asked["data_items"][0] | {"necessity": "Barème voté", "nir": False, "article_9": None} == asked["data_items"][0]
    )
    assert asked["volume"] == {"count": 1900, "scope": "applicants"}
    assert asked["purposes"]["secondary"] == ["Un", "Deux"]
    assert file["reference"] in agent.text
    told = re.sub(r"\s", " ", agent.text)
    assert "au plus tard le 3 mars 2023" in told, "two working days after the filing"
    assert "15 jours ouvrés" in told
    receipt = re.search(r'href="(/api/v1/receipts/[^"]+)"', agent.page)
    assert receipt
    await people.published()
    assert (await agent.get(receipt.group(1))).status_code == 200
    assert (await agent.get(f"/echanges/{draft}/demande/usage")).status_code == 409
    again = await agent.post(f"/echanges/{draft}/demande/depot", {"version": str(file["version"])})
    assert again.headers["location"] == f"/echanges/{draft}/recepisse", "a button pressed twice files once"


async def _answer_here(agent: Browser, path: str, **changes: Any) -> str:
    """Send the page that is shown; past what is pointed out first."""
    response = await agent.post(path, _sent(agent, **changes))
    await agent.follow(response)
    if response.headers["location"].endswith("?enregistre=1"):
        await agent.follow(await agent.post(path, _sent(agent, _go="next")))
    return agent.page


async def test_a_draft_is_there_again_after_a_restart_even_incomplete(people: World) -> None:
    agent = await _requester(people)
    draft = await _begin(agent)
    await _answer(agent, draft, "usage", purposes__main=HOSTILE)
    again = create_app(people.settings)
    again.state.gate.clock = people.calendar
    async with running(again):
        later = browser(people, again)
        later.client.cookies = agent.client.cookies
        await later.see(f"/echanges/{draft}")
        assert "Reprendre le brouillon" in later.text
        await later.see(f"/echanges/{draft}/demande/usage")
        assert controls(later.page).sent["purposes/main"] == [HOSTILE]
        assert "<script>alert" not in later.page
        assert "<img src=x" not in later.page


@ONE
async def test_somebody_elses_version_is_shown_beside_ones_own_and_nothing_is_overwritten(people: World) -> None:
    agent, other = await _requester(people), await entered(people, "second@sgl.example", SGL, "requester")
    draft = await _begin(agent, holder=CAF)
    path = f"/echanges/{draft}/demande/echange"
    await agent.see(path)
    await _answer(other, draft, "echange", title="Titre du second")
    await _answer(other, draft, "usage", purposes__main="Usage du second")
    response = await agent.post(path, _sent(agent, title="Mon titre", _go="next"))
    assert response.status_code == 412
    assert "Quelqu'un d'autre a enregistré" in agent.text
    assert "Titre du second" in agent.text
    assert controls(agent.page).sent["title"] == ["Mon titre"]
    assert (await _request(people, draft))["title"] == "Titre du second"
    await _answer_here(agent, path, _go="next")
    saved = await _request(people, draft)
    assert (saved["title"], saved["purposes"]["main"]) == ("Mon titre", "Usage du second")


@ONE
async def test_what_cannot_be_saved_is_said_beside_its_field_and_kept_in_the_form(people: World) -> None:
    agent = await _requester(people)
    draft = await _begin(agent)
    events = await people.events()
    number = "2 55 08 14 168 025 38"
    for step, changes, field in (
        ("usage", {"purposes__main": "x" * 12_000}, "purposes/main"),
        ("usage", {"purposes__main": f"Suivre {number}"}, "purposes/main"),
        ("personnes", {"volume__count": "beaucoup"}, "volume/count"),
        ("echange", {"holder": "inconnue"}, "holder"),
        ("duree", {"period__end": "bientôt"}, "period/end"),
    ):
        response = await _step(agent, draft, step, _go="next", **changes)
        assert response.status_code == 422, step
        found = controls(agent.page)
        assert f'href="#{field}"' in agent.page
        assert field in found.ids
        assert found.sent[field] == list(changes.values())
    assert await people.events() == events


@ONE
async def test_data_that_are_not_personal_leave_the_long_path_and_may_come_back_to_it(people: World) -> None:
    agent = await _requester(people)
    draft = await _begin(agent, "quotient-familial")
    await _answer(agent, draft, "usage", data_nature="aggregated")
    assert "le chemin est plus court" in agent.text
    assert "Étape 3 sur 4" in agent.text
    assert "data_items/0/cnil_category" in controls(agent.page).sent, "what is not asked is carried along"
    await _answer_here(agent, f"/echanges/{draft}/demande/donnees", _go="next", volume__cell_threshold="5")
    assert "Les destinataires" not in agent.text
    before = await _request(people, draft)
    assert before["recipients"]
    await _answer(agent, draft, "usage", data_nature="identifying")
    assert "Étape 3 sur 7" in agent.text
    assert (await _request(people, draft))["recipients"] == before["recipients"]
    await _answer(agent, draft, "usage", data_nature="aggregated")
    await agent.see(f"/echanges/{draft}/demande/relecture")
    await agent.follow(await agent.post(f"/echanges/{draft}/demande/depot", _sent(agent)))
    assert "vous répond directement" in agent.text


async def _stay(agent: Browser, path: str, **changes: Any) -> None:
    """Save a step and see it again."""
    await agent.see(path)
    await agent.follow(await agent.post(path, _sent(agent, _go="stay", **changes)))


@ONE
async def test_sensitive_data_follow_their_category_until_somebody_corrects_them(people: World) -> None:
    agent = await _requester(people)
    draft = await _begin(agent)
    path = f"/echanges/{draft}/demande/donnees"
    await agent.see(path)
    await agent.post(path, _sent(agent, _pick=["Numéro de sécurité sociale (NIR)"]))
    await agent.follow(await agent.post(path, _sent(agent, _go="stay")))
    assert (await _request(people, draft))["data_items"][0]["nir"] is True
    await _stay(agent, path, data_items__0__cnil_category="health")
    item = (await _request(people, draft))["data_items"][0]
    assert (item["nir"], item["article_9"]) == (False, "health")
    await _stay(agent, path, data_items__0__nir="true")
    await _stay(agent, path, data_items__0__cnil_category="identity")
    item = (await _request(people, draft))["data_items"][0]
    assert (item["nir"], item["article_9"]) == (True, None), "what was corrected stays, what was derived follows"
    assert "Numéro de sécurité sociale" in agent.text


@ONE
async def test_findings_are_shown_beside_their_field_before_going_on_and_asked_for_while_typing(people: World) -> None:
    agent = await _requester(people)
    draft = await _begin(agent, "quotient-familial")
    path = f"/echanges/{draft}/demande/usage"
    first = await _step(agent, draft, "usage", purposes__main="Mieux connaître les familles", _go="next")
    await agent.follow(first)
    assert "FIN-02" in agent.text.partition("Type de finalité")[0]
    assert "Un point mérite un regard" in agent.text
    assert (await agent.post(path, _sent(agent, _go="next"))).headers["location"].endswith("/donnees")
    events = await people.events()
    await agent.see(path)
    live = await agent.post(f"{path}/constats", _sent(agent, purposes__main=""))
    assert "FIN-01" in live.json()["notes"]["purposes/main"]
    items = f"/echanges/{draft}/demande/donnees"
    await agent.see(items)
    hostile = await agent.post(
        f"{items}/constats", _sent(agent, data_items__0__label=HOSTILE, data_items__0__necessity="")
    )
    assert "MIN-01" in hostile.json()["notes"]["data_items/0/necessity"]
    assert "<script>alert" not in str(hostile.json()["notes"])
    assert "&lt;script&gt;" in str(hostile.json()["notes"])
    wrong = await agent.post(f"/echanges/{draft}/demande/personnes/constats", {"volume/count": "x"})
    assert set(wrong.json()["errors"]) == {"volume/count"}
    assert await people.events() == events


@ONE
async def test_a_request_to_oneself_is_not_filed_and_the_page_says_why(people: World) -> None:
    agent = await _requester(people)
    draft = await _begin(agent, "quotient-familial")
    await _answer(agent, draft, "echange", holder=SGL, requester=SGL)
    await agent.see(f"/echanges/{draft}/demande/relecture")
    response = await agent.post(f"/echanges/{draft}/demande/depot", _sent(agent))
    assert response.status_code == 409
    assert "La demande n'est pas déposée" in agent.text
    assert "deux parties distinctes" in agent.text
    assert (await people.read(draft, (SGL, "requester")))["state"] == "draft"


@ONE
async def test_who_holds_the_data_may_ask_another_party_to_receive_them_and_change_their_mind(people: World) -> None:
    agent = await _requester(people)
    draft = await _begin(agent, "heures-creches", holder=SGL)
    path = f"/echanges/{draft}/demande/echange"
    await _stay(agent, path, requester=CAF)
    file = await people.read(draft, (SGL, "requester"))
    assert (file["holder"], file["requester"], file["studying_party"]) == (SGL, CAF, CAF)
    await _stay(agent, path, holder=CAF)
    file = await people.read(draft, (SGL, "requester"))
    assert (file["holder"], file["requester"]) == (CAF, SGL)
    forged = await _step(agent, draft, "echange", requester=OULLINS, title="Toujours là")
    assert forged.status_code == 403
    assert controls(agent.page).sent["title"] == ["Toujours là"]


@ONE
async def test_a_previous_exchange_is_taken_up_again_without_its_dates(people: World) -> None:
    agent = await _requester(people)
    previous = await people.filed(request_document(title="Première année"))
    await agent.see(f"/echanges/{previous}")
    await agent.see(f"/echanges/nouveau?de={previous}")
    form = controls(agent.page).sent
    assert (form["start"], form["previous"]) == (["previous"], [previous])
    await agent.follow(await agent.post("/echanges/nouveau", form))
    draft = agent.page.split("/echanges/")[1:]
    made = next(one[:36] for one in draft if re.match(r"[0-9a-f-]{36}", one) and one[:36] != previous)
    again, first = await _request(people, made), (await people.read(previous))["request"]
    assert again["reference"] != first["reference"]
    assert {k: v for k, v in again.items() if k not in {"reference", "requested_on", "period"}} == {
        k: v for k, v in first.items() if k not in {"reference", "requested_on", "period"}
    }
    assert not again.get("period")


async def test_a_holder_begins_the_same_request_for_several_towns_at_once(people: World) -> None:
    agent = await _requester(people, CAF)
    await agent.see("/echanges/nouveau")
    response = await agent.post("/echanges/nouveau", {"start": "recensement-scolaire", "towns": [SGL, OULLINS]})
    assert response.headers["location"] == "/echanges?state=draft"
    await agent.follow(response)
    assert agent.text.count("Recensement des enfants soumis") == 2
    listed = (await people.ok((CAF, "requester"), "GET", "/requests?state=draft"))["items"]
    assert {one["requester"] for one in listed} == {SGL, OULLINS}
    assert {one["holder"] for one in listed} == {CAF}
    await agent.see("/echanges/nouveau")
    before = await people.events()
    assert (await agent.post("/echanges/nouveau", {"start": "blank", "towns": [SGL, "inconnue"]})).status_code == 422
    assert await people.events() == before, "all the drafts or none"


async def test_a_town_lets_others_ask_the_same_thing_and_each_goes_on_with_its_own_draft(people: World) -> None:
    agent, other = await _requester(people), await _requester(people, OULLINS)
    request = await people.filed(request_document(title="Tarif solidaire"))
    await agent.see(f"/echanges/{request}/recepisse")
    assert f"/echanges/{request}/actes/copies" in agent.page
    path = f"/echanges/{request}/actes/copies"
    page = await agent.see(path)
    assert 'value="oullins"' in page
    assert f'value="{CAF}"' not in page
    await agent.follow(await agent.post(path, _sent(agent, parties=[OULLINS])))
    listed = (await people.ok((OULLINS, "requester"), "GET", "/requests?state=draft"))["items"]
    copied = await people.read(listed[0]["id"], (OULLINS, "requester"))
    assert copied["copied_from"] == request
    await other.see(f"/echanges/{listed[0]['id']}/demande/relecture")
    assert "Tarif solidaire" in other.text
    await other.follow(await other.post(f"/echanges/{listed[0]['id']}/demande/depot", _sent(other)))
    assert "Récépissé de dépôt" in other.text


async def test_each_stage_is_answered_by_its_own_people(people: World) -> None:
    document = request_document(information=None, channel=None)
    request = await people.filed(document)
    dpo = await entered(people, "delegue@sgl.example", SGL, "dpo")
    security = await entered(people, "rssi@caf.example", CAF, "it_security")
    assert (await dpo.get(f"/echanges/{request}/complements/holder")).status_code == 409
    await dpo.see(f"/echanges/{request}")
    assert "délégué du demandeur" in dpo.text
    path = f"/echanges/{request}/complements/requester_dpo"
    await dpo.see(path)
    assert "title" not in controls(dpo.page).sent
    await dpo.follow(
        await dpo.post(
            path, _sent(dpo, _go="stay", information__timing="first_communication", dpia__status="completed")
        )
    )
    assert "C'est enregistré." in dpo.text
    await dpo.follow(await dpo.post(path, _sent(dpo, _go="complete")))
    path = f"/echanges/{request}/complements/holder"
    await security.see(path)
    await security.follow(await security.post(path, _sent(security, _go="complete", channel__kind="sftp")))
    file = await people.read(request)
    assert [stage["stage"] for stage in file["stages"]] == ["filing", "requester_dpo", "holder"]
    assert file["request"]["information"]["timing"] == "first_communication"
    assert (file["request"]["dpia"]["status"], file["request"]["channel"]["kind"]) == ("completed", "sftp")
    untouched = ("title", "data_items", "retention", "recipients", "purposes")
    assert all(file["request"][key] == document[key] for key in untouched)


@ONE
async def test_what_is_asked_of_the_requester_again_is_completed_in_the_same_form(people: World) -> None:
    agent, request = await _requester(people), await people.filed()
    path = f"/echanges/{request}/complements/filing"
    assert (await agent.get(path)).status_code == 409
    base = f"/requests/{request}"
    await people.ok((CAF, "business_referent"), "POST", f"{base}/information-requests", {"items": ["Préciser l'usage"]})
    await agent.see(f"/echanges/{request}")
    assert "Compléter la demande" in agent.text
    await _stay(agent, path, purposes__main="Calculer le tarif de la cantine, à l'inscription", holder=OULLINS)
    asked = await _request(people, request)
    assert (asked["purposes"]["main"], asked["holder"]) == ("Calculer le tarif de la cantine, à l'inscription", CAF)


async def test_a_draft_is_written_by_its_partys_people_filed_by_the_requester_and_unknown_to_others(
    people: World,
) -> None:
    agent = await _requester(people)
    draft = await _begin(agent, "cdap")
    dpo, boss = [await entered(people, f"{role}@sgl.example", SGL, role) for role in ("dpo", "controller")]
    stranger = await _requester(people, CAF)
    await _answer(dpo, draft, "echange", title="Relu par la déléguée")
    await dpo.see(f"/echanges/{draft}/demande/relecture")
    assert "Demandeur" in dpo.text.partition("Ce que les contrôles signalent")[2]
    assert (await _request(people, draft))["title"] == "Relu par la déléguée"
    for who, status in ((stranger, 404), (boss, 403)):
        for path in ("usage", "relecture"):
            assert (await who.get(f"/echanges/{draft}/demande/{path}")).status_code == status
        await who.see("/compte")
        assert (await who.post(f"/echanges/{draft}/demande/usage", {"title": "x"})).status_code == status
        assert (await who.post(f"/echanges/{draft}/demande/depot", {"version": "2"})).status_code == status
    await dpo.see("/compte")
    assert (await dpo.post(f"/echanges/{draft}/demande/depot", {"version": "2"})).status_code == 403
    assert (await dpo.get("/echanges/nouveau")).status_code == 403
    assert (await agent.get(f"/echanges/{draft}/recepisse")).status_code == 409
    assert (await people.read(draft, (SGL, "requester")))["state"] == "draft"


@pytest.mark.parametrize("name", list(usual_requests()))
def test_a_usual_request_is_valid_and_says_nothing_that_the_checks_hold_against_it(name: str) -> None:
    convention, day = reference("convention"), date(2023, 3, 1)
    request = begun_with(name, Convention(convention))
    request = dict(proposed({"requester": SGL, "holder": CAF, **request}, convention))
    if request["holder"] == request["requester"]:
        request["holder"] = OULLINS
    assert violations("request", request) == []
    assert all(begun(step, request) for step in steps_of(request))
    file = {"request": request, "filed_on": day.isoformat(), "stages": [{"stage": "filing"}]}
    held = {one.id for one in check_request(file, convention, day) if one.severity != "information"}
    assert held <= {"CONV-02", "CONV-07"}, "only the period and the action sheet are the asker's own"


def test_usual_data_are_valid_and_known_by_their_label() -> None:
    document = {"data_items": usual_data()}
    assert violations("request", document) == []
    form = settled(
        {"data_items/3/label": ["quotient  FAMILIAL du mois".replace("  ", " ")], "data_items/3/necessity": ["x"]}
    )
    assert form["data_items/3/cnil_category"] == ["economic_financial"]
    assert form["data_items/3/necessity"] == ["x"]


def test_the_steps_of_the_form_are_spoken_in_english_too() -> None:
    english = translations("en")
    steps = (*steps_of({}), *steps_of({"data_nature": "aggregated"}))
    assert all(english.gettext(text) != text for step in steps for text in (step.title, step.lead))
