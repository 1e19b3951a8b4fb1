"""The life of an exchange through its pages: log, reviews, incidents, suspension, end; without a script."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.server.people.acting import form_in, person, send, sign
from tests.server.people.browsers import ORIGIN, Browser
from tests.world import CAF, SGL, World, request_document


async def _do(who: Browser, path: str, **answers: Any) -> str:
    sent = await send(who, path, **answers)
    assert sent.status_code == 303, f"{sent.status_code} {who.text}"
    return await who.follow(sent)


async def _upload(who: Browser, path: str, content: str) -> Any:
    files = {"file": ("envois.csv", content.encode(), "text/csv")}
    sent = {"Accept": "text/html", "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    response = await who.client.post(path, data={"_csrf": who.csrf}, files=files, headers=sent)
    who.page = response.text or who.page
    return response


async def test_an_exchange_is_run_reviewed_suspended_and_ended_in_forms(people: World) -> None:
    request_id = await people.active(request_document(exchange_mode="transmission"))
    page = f"/echanges/{request_id}"
    people.calendar.day = date(2024, 2, 1)
    asker, boss = await person(people, SGL, "requester"), await person(people, SGL, "controller")
    assert 'name="flows/0/sent_on"' in await asker.see(f"{page}/actes/flows")  # a first line, ready
    await _do(
        asker, f"{page}/actes/flows", flows__0__sent_on="2024-01-31", flows__0__volume="12", flows__0__channel="api"
    )
    await asker.see(f"{page}/envois")
    wrong = await _upload(asker, f"{page}/envois", "Date;Volume;Voie\n02/02/2024;3;API\n")
    assert wrong.status_code == 422
    assert "Cette date est dans l'avenir." in asker.text
    unknown = await _upload(asker, f"{page}/envois", "Date;Volume;Voie\n01/02/2024;3;pigeon\n")
    assert unknown.status_code == 422
    assert "Ligne 2, colonne « Voie »" in asker.text
    read = await _upload(asker, f"{page}/envois", "Date;Volume;Voie\n01/02/2024;3;API\n")
    assert "2 envois inscrits" in await asker.follow(read)
    assert (await people.read(request_id))["flows_recorded"] == 2

    business = await person(people, CAF, "business_referent")
    await business.see("/revues")
    nothing = await business.post("/revues", {**form_in(business.page, 'action="/revues"'), "outcome": "continued"})
    assert nothing.status_code == 422
    assert "Choisissez au moins un échange." in business.text
    chosen = {"exchanges": [request_id], "outcome": "continued", "authorisations_checked": "true"}
    done = await business.post("/revues", {**form_in(business.page, 'action="/revues"'), **chosen})
    assert "1 revue est inscrite." in await business.follow(done)
    assert "Aucune revue n'est attendue" in business.text
    assert (await people.read(request_id))["reviews"][0]["authorisations_checked"] is True

    await _do(
        asker, f"{page}/actes/incidents", discovered_on="2024-02-01", description="Envoi au mauvais service.",
        personal_data_breach="true",
    )  # fmt: skip
    await business.see(page)
    assert "CNIL à notifier avant le" in business.text
    assert f'href="{page}/actes/incident-status/1"' in business.page
    await business.see(f"{page}/actes/incident-status/1")
    assert "Envoi au mauvais service." in business.text
    await _do(business, f"{page}/actes/incident-status/1", other_party_informed_on="2024-02-01")
    await sign(boss, f"{page}/actes/suspension", cause="incident", reasons="Le temps de comprendre.")
    assert "plus rien ne passe" in boss.text
    await sign(boss, f"{page}/actes/resumption", reasons="Compris.")
    await _do(asker, f"{page}/actes/closing", cause="need_ended", reasons="Service fermé.")
    seen = await sign(
        boss, f"{page}/actes/certificate", outcome="destroyed", done_on="2024-02-01", method="Effacement.",
        copies="Aucune.",
    )  # fmt: skip
    assert "Attestation signée le" in boss.text
    assert "state-closed" in seen


async def test_what_runs_already_is_declared_and_what_runs_is_modified_from_its_page(people: World) -> None:
    request_id = await people.active()
    asker = await person(people, SGL, "requester")
    begun = await send(asker, f"/echanges/{request_id}/actes/modification")
    assert "Quotient familial" in await asker.follow(begun)
    modification = begun.headers["location"].split("/")[-2]
    assert (await people.read(modification, (SGL, "requester")))["modification_of"] == request_id

    await asker.see("/echanges/existant")
    given = {**form_in(asker.page, 'action="/echanges/existant"'), "request/title": "Listes d'école",
             "request/holder": CAF, "since": "2021-09-01", "papers": "Un courrier."}  # fmt: skip
    refused = await asker.post("/echanges/existant", {**given, "deadline": "2022-01-01"})
    assert refused.status_code == 422
    assert "Cette échéance est déjà passée." in asker.text
    assert "Un courrier." in asker.page
    declared = await asker.post("/echanges/existant", {**given, "deadline": "2023-06-30"})
    draft = declared.headers["location"].split("/")[-2]
    await asker.follow(declared)
    file = await people.read(draft, (SGL, "requester"))
    assert (file["request"]["title"], file["regularisation"]["deadline"]) == ("Listes d'école", "2023-06-30")
    await asker.see(f"/echanges/{draft}")
    assert "Échange déjà pratiqué depuis le" in asker.text
