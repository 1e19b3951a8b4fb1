"""Every act of an exchange in plain forms: done by its role, refused to others, and nothing typed is ever lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from registry.storage.accounts import forget
from tests.server.people.acting import form_in, person, send, sign
from tests.server.people.browsers import entered
from tests.world import CAF, OULLINS, SGL, World, request_document

one_engine = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
HOSTILE = "<script>alert(1)</script> & « fin » \" ' \\ {{ 7*7 }}"
LONG = "Un motif très développé. " * 300


async def _do(who: Any, path: str, **answers: Any) -> str:
    sent = await send(who, path, **answers)
    assert sent.status_code == 303, f"{sent.status_code} {who.text}"
    page: str = await who.follow(sent)
    assert "C'est fait" in who.text
    return page


async def test_a_whole_life_is_lived_through_the_pages(people: World) -> None:
    """From a request filed to its activation, each by its own person, without a script."""
    request_id = await people.filed()
    base = f"/echanges/{request_id}/actes"
    asker, boss, asker_dpo, asker_records = [
        await person(people, SGL, role) for role in ("requester", "controller", "dpo", "records_manager")
    ]
    business, security, compliance, dpo, controller, records = [
        await person(people, CAF, role)
        for role in ("business_referent", "it_security", "compliance_referent", "dpo", "controller", "records_manager")
    ]
    await _do(business, f"{base}/admission", outcome="under_study")
    for who, stage in ((asker_dpo, "requester_dpo"), (security, "holder")):
        await _do(who, f"/echanges/{request_id}/complements/{stage}", _go="complete")
    for who, part in ((business, "opportunity"), (security, "feasibility"), (compliance, "compliance")):
        await _do(who, f"{base}/study-{part}", conclusion="favourable", text=f"Analyse {part}.")
    await sign(
        dpo, f"{base}/opinion", value="favourable_with_recommendations", text=HOSTILE,
        recommendations__0__text="Informer les familles.", recommendations__0__prior="false",
        recommendations__0__owner=SGL, recommendations__0__paths=["recipients.0"],
    )  # fmt: skip
    page = await sign(
        controller, f"{base}/decision", value="approved", recommendations_not_followed=["1"], reasons="Déjà fait.",
        dpo_informed_on="2023-03-01",
    )  # fmt: skip
    assert "La décision s'écarte de l'avis" in controller.text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    await _do(boss, f"{base}/acceptance")
    await _do(asker, f"{base}/preparation")
    await people.attach(request_id, "article_14_notice", (SGL, "requester"))
    for who, party in ((records, CAF), (asker_records, SGL)):
        assert f'href="/registre/confirmations/{request_id}"' in await who.see(f"/echanges/{request_id}")
        await people.confirmed(request_id, party)
    await _do(asker, f"{base}/activation", authorised_users="Agents du guichet unique\nService famille")
    file = await people.read(request_id)
    assert file["state"] == "active"
    assert file["authorised_users"] == ["Agents du guichet unique", "Service famille"]
    assert file["opinion"]["text"] == HOSTILE
    assert file["recommendations"][0]["paths"] == ["recipients.0"]
    assert await people.rows("SELECT * FROM act_draft") == []
    assert "Rien n'est attendu de personne" in asker.text


async def _studied(world: World, document: dict[str, Any] | None = None) -> str:
    request_id = await world.under_study(document)
    await world.studied(request_id)
    return request_id


@one_engine
async def test_a_refusal_keeps_all_that_was_typed_and_leads_to_each_field(people: World) -> None:
    request_id = await _studied(people)
    dpo = await person(people, CAF, "dpo")
    path = f"/echanges/{request_id}/actes/opinion"
    before = await people.events()
    sent = await send(
        dpo, path, value="favourable_subject_to_conditions", text=HOSTILE,
        recommendations__0__text=LONG, lines__0__path="data_items.0", lines__0__value="unfavourable",
    )  # fmt: skip
    assert sent.status_code == 422
    assert "Cette rubrique est obligatoire" in dpo.text
    assert 'href="#recommendations/0/prior"' in dpo.page
    kept = form_in(dpo.page)
    assert kept["text"] == [HOSTILE]
    assert kept["recommendations/0/text"] == [LONG.strip()]
    assert (kept["lines/0/path"], kept["lines/0/value"]) == (["data_items.0"], ["unfavourable"])
    kept["recommendations/0/prior"] = ["false"]
    sent = await dpo.post(path, kept)
    assert sent.status_code == 422
    assert "Un avis sous conditions énonce au moins une condition préalable." in dpo.text
    assert form_in(dpo.page)["text"] == [HOSTILE]
    nir = await send(dpo, path, value="favourable", text="Le NIR 1 84 12 76 451 089 46 figure au dossier.")
    assert nir.status_code == 422
    assert "Écluse ne reçoit jamais les données échangées" in dpo.text
    assert await people.events() == before


async def test_a_version_that_was_passed_shows_what_changed_and_loses_nothing(people: World) -> None:
    request_id = await people.under_study()
    business = await person(people, CAF, "business_referent")
    path = f"/echanges/{request_id}/actes/study-opportunity"
    await business.see(path)
    form = form_in(business.page)
    request = (await people.read(request_id))["request"]
    changed = {**request, "channel": {**request["channel"], "logging": not request["channel"].get("logging")}}
    await people.ok((CAF, "it_security"), "PUT", f"/requests/{request_id}/document", changed, version=1)
    sent = await business.post(path, {**form, "conclusion": "reserved", "text": HOSTILE})
    assert sent.status_code == 412
    assert "La demande a changé depuis que vous avez commencé" in business.text
    assert "Par quelle voie ?" in business.text.replace("\xa0", " ")
    again = form_in(business.page)
    assert (again["text"], again["conclusion"], again["_version"]) == ([HOSTILE], ["reserved"], ["2"])
    await business.follow(await business.post(path, again))
    assert (await people.read(request_id))["study"]["opportunity"]["text"] == HOSTILE


async def test_a_draft_is_its_authors_alone_sealed_and_gone_once_the_act_is_done(people: World) -> None:
    request_id = await _studied(people)
    dpo = await person(people, CAF, "dpo")
    path = f"/echanges/{request_id}/actes/opinion"
    events = await people.events()
    await dpo.follow(await send(dpo, path, text="Un début d'avis", value="favourable", _save="yes"))
    assert "Vous reprenez votre brouillon" in dpo.text
    assert form_in(dpo.page)["text"] == ["Un début d'avis"]
    autosaved = await dpo.post(path.replace("/actes/", "/brouillons/"), {**form_in(dpo.page), "text": "Un avis entier"})
    assert autosaved.json()["saved_at"]
    assert await people.events() == events
    ((sealed,),) = await people.rows("SELECT sealed FROM act_draft")
    assert b"entier" not in bytes(sealed)
    assert "brouillon du" in await dpo.see(f"/echanges/{request_id}")
    other = await entered(people, "autre@caf.example", CAF, "dpo")
    await other.see(path)
    assert "Un avis entier" not in other.page
    await other.see(f"/echanges/{request_id}")
    assert "brouillon du" not in other.page
    for revision in (1, 2):
        body = {"scope": "revision", "revision": revision, "legal_basis": "article_17_1_d",
                "reason": "other_personal_data_entered", "dpo_informed_on": "2023-03-01"}  # fmt: skip
        await people.ok((CAF, "controller"), "POST", f"/requests/{request_id}/erasure", body)
    await dpo.see(path)
    assert form_in(dpo.page)["text"] == ["Un avis entier"]
    await people.opinion(request_id)
    assert await people.rows("SELECT * FROM act_draft") == []


@one_engine
async def test_only_whom_an_act_is_open_to_may_begin_it(people: World) -> None:
    request_id = await _studied(people)
    path = f"/echanges/{request_id}/actes/opinion"
    clerk = await person(people, SGL, "dpo")
    page = await clerk.see(f"/echanges/{request_id}")
    assert f'href="{path}"' not in page
    assert (await clerk.get(path)).status_code == 403
    assert "n'appartient pas à votre partie" in clerk.text
    await clerk.see("/compte")
    for address in (path, path.replace("/actes/", "/brouillons/")):
        assert (await clerk.post(address, {"_version": "1", "value": "favourable", "_save": "yes"})).status_code == 403
    stranger = await person(people, OULLINS, "dpo")
    assert (await stranger.get(path)).status_code == 404
    dpo = await person(people, CAF, "dpo")
    for act in ("rien", "reply", "activation"):
        assert (await dpo.get(f"/echanges/{request_id}/actes/{act}")).status_code in {403, 404, 409}
    forged = await dpo.post(path, {"_csrf": "0" * 64, "value": "favourable"})
    assert (forged.status_code, await people.rows("SELECT * FROM act_draft")) == (403, [])


@one_engine
async def test_what_is_signed_is_what_was_re_read(people: World) -> None:
    request_id = await _studied(people)
    dpo = await person(people, CAF, "dpo")
    path = f"/echanges/{request_id}/actes/opinion"
    sent = await send(dpo, path, value="favourable", text="Premier texte.")
    assert sent.headers["location"] == f"{path}/relecture"
    await dpo.confirm()
    await dpo.see(f"{path}/relecture")
    assert "Premier texte." in dpo.text
    saved = re.search(r'name="_saved" value="([^"]+)"', dpo.page)
    people.calendar.minutes += 1
    await send(dpo, path, value="favourable", text="Second texte.", _save="yes")
    await dpo.see(f"{path}/relecture")
    refused = await dpo.post(f"{path}/relecture", {"_saved": saved.group(1)})  # type: ignore[union-attr]
    assert refused.status_code == 409
    assert form_in(dpo.page)["text"] == ["Second texte."]
    assert (await people.read(request_id))["opinion"] is None
    people.calendar.minutes += 11
    await dpo.see(path)
    asked = await dpo.get(f"{path}/relecture")
    assert asked.headers["location"] == f"/confirmation?next={path}/relecture"


async def test_ones_own_texts_and_past_exchanges_help_to_write_and_confirm_nothing(people: World) -> None:
    past = await _studied(people, request_document(title="Ancienne demande"))
    told = {"number": 1, "text": "Réduire la durée.", "prior": False}
    await people.opinion(past, {"value": "favourable_with_recommendations", "text": "Vu.", "recommendations": [told]})
    request_id = await _studied(people)
    dpo = await person(people, CAF, "dpo")
    await dpo.see("/textes")
    await dpo.follow(await dpo.post("/textes", {"text": "Informer les familles.  " + HOSTILE}))
    assert (await dpo.post("/textes", {"text": " "})).status_code == 422
    path = f"/echanges/{request_id}/actes/opinion"
    page = await dpo.see(path)
    assert "Ancienne demande" in page
    options = dict(re.findall(r'<option value="([^"]+)">([^<]+)', page[page.index('id="_text"') :]))
    mine = next(name for name, text in options.items() if text.startswith("Informer"))
    assert [text for name, text in options.items() if name.endswith("/1")] == ["Réduire la durée."]
    await send(dpo, path, value="favourable_with_recommendations", text="Avis.", _text=mine, _take="yes")
    kept = form_in(dpo.page)
    assert kept["recommendations/0/text"][0].startswith("Informer les familles.")
    assert "recommendations/0/prior" not in kept
    refused = await dpo.post(path, kept)
    assert refused.status_code == 422
    town = await person(people, SGL, "dpo")
    await town.see("/textes")
    assert "Informer" not in town.text
    identifier = (await people.rows("SELECT id FROM own_text"))[0][0]
    assert (await town.post(f"/textes/{identifier}", {"_remove": "yes"})).status_code == 404
    await dpo.see("/textes")
    await dpo.follow(await dpo.post(f"/textes/{identifier}", {"_remove": "yes"}))
    assert await people.rows("SELECT * FROM own_text") == []


@one_engine
async def test_side_paths_are_done_by_their_forms(people: World) -> None:
    """Complements asked and brought, a referral and its answer, an override refused, messages, a withdrawal."""
    request_id = await people.filed()
    base = f"/echanges/{request_id}/actes"
    business, asker = await person(people, CAF, "business_referent"), await person(people, SGL, "requester")
    controller, compliance = await person(people, CAF, "controller"), await person(people, CAF, "compliance_referent")
    await _do(business, f"{base}/messages", text=HOSTILE)
    await _do(asker, f"{base}/messages", text="Reçu.")
    await _do(business, f"{base}/information-requests", items="La fiche action\nLe barème voté", due_on="2023-03-20")
    page = await asker.see(f"{base}/information")
    assert "Le barème voté" in page
    completed = f"/echanges/{request_id}/complements/filing"
    assert (await send(asker, completed, data_items__0__necessity="Barème du 12 mai", _go="stay")).status_code == 303
    await _do(asker, f"{base}/information", text="Voici.")
    await _do(business, f"{base}/admission", outcome="under_study")
    await _do(compliance, f"{base}/referral", body="cnaf", question="La voie nationale existe-t-elle ?")
    await _do(compliance, f"{base}/return", answer="Oui.")
    assert (await controller.get(f"{base}/override/CONS-03")).status_code == 409
    await _do(asker, f"{base}/withdrawal", reasons="Plus de besoin.")
    file = await people.read(request_id)
    assert (file["state"], file["version"], file["messages_sent"]) == ("withdrawn", 2, 2)
    assert file["request"]["data_items"][0]["necessity"] == "Barème du 12 mai"
    assert [one["answer"] for one in file["referrals"]] == ["Oui."]


async def test_a_condition_is_lifted_by_a_correction_and_its_follow_up(people: World) -> None:
    request_id = await _studied(people)
    condition = {"number": 1, "text": "Ramener la durée à six mois.", "prior": True, "paths": ["retention.0.months"]}
    await people.opinion(
        request_id,
        {"value": "favourable_subject_to_conditions", "text": "Sous condition.", "recommendations": [condition]},
    )
    base = f"/echanges/{request_id}/actes"
    decider = await person(people, CAF, "controller")
    refused = await send(decider, f"{base}/override/CONS-03", reasons="Motif.")
    assert refused.status_code == 409
    assert form_in(decider.page)["reasons"] == ["Motif."]
    await people.decided(request_id, {"value": "approved_subject_to_conditions"})
    asker, dpo, boss = [
        await person(people, party, role) for party, role in ((SGL, "requester"), (CAF, "dpo"), (SGL, "controller"))
    ]
    beyond = await send(asker, f"{base}/correction", data_items__0__label="Autre donnée")
    assert beyond.status_code == 409
    assert form_in(asker.page)["data_items/0/label"] == ["Autre donnée"]
    await _do(asker, f"{base}/correction", retention__0__months="6")
    page = await dpo.see(f"{base}/correction")
    assert "6 mois" in page
    await _do(dpo, f"{base}/correction", accepted="true")
    await _do(asker, f"{base}/recommendations/1", status="done")
    await _do(dpo, f"{base}/recommendations/1", status="accepted_by_dpo")
    assert "1 sur 1 réalisée" in dpo.text
    await _do(boss, f"{base}/acceptance")
    await _do(asker, f"{base}/preparation")
    page = await asker.see(f"{base}/activation")
    assert "Il manque encore 3 points" in asker.text
    assert "La fiche de registre est incomplète" not in asker.text  # a draft that waits to be confirmed is not a hole
    assert f'href="{base}/attachments"' in page
    refused = await send(asker, f"{base}/activation", authorised_users="Agents")
    assert refused.status_code == 409
    assert form_in(asker.page)["authorised_users"] == ["Agents"]
    file = await people.read(request_id)
    assert (file["request"]["retention"][0]["months"], file["state"]) == (6, "preparation")


@one_engine
async def test_a_piece_is_attached_from_its_page_and_refused_in_its_form(people: World) -> None:
    request_id = await people.filed()
    path = f"/echanges/{request_id}/actes/attachments"
    asker = await person(people, SGL, "requester")
    await asker.see(path)
    form = {"kind": "article_14_notice", "dated_on": "2023-02-28", "_csrf": asker.csrf}
    headers = {"Accept": "text/html", "Origin": "http://ecluse.example", "Sec-Fetch-Site": "same-origin"}

    async def upload(data: dict[str, str], name: str, content: bytes) -> int:
        answered = await asker.client.post(path, data=data, files={"file": (name, content)}, headers=headers)
        asker.page = answered.text or asker.page
        return answered.status_code

    assert await upload(form, "page.html", b"<html>") == 422
    assert "Ce genre de fichier n'est pas admis" in asker.text
    assert 'value="2023-02-28"' in asker.page
    assert await upload({**form, "_csrf": "0" * 64}, "mention.txt", b"Mention.") == 403
    assert await upload({**form, "kind": ""}, "mention.txt", b"Mention.") == 422
    assert await upload(form, "mention.txt", b"Mention.") == 303
    page = await asker.see(f"/echanges/{request_id}")
    (link,) = re.findall(r'href="(/api/v1/requests/[^"]+/attachments/[0-9a-f]{64})"', page)
    assert (await asker.get(link)).content == b"Mention."


@one_engine
async def test_an_erasure_warns_is_re_read_and_done(people: World) -> None:
    request_id = await people.filed()
    await people.ok((CAF, "dpo"), "POST", f"/requests/{request_id}/messages", {"text": "À retirer."})
    boss = await person(people, SGL, "controller")
    path = f"/echanges/{request_id}/actes/erasure"
    page = await boss.see(path)
    assert "Effacer ne se défait pas" in page
    wrong = await send(
        boss, path, scope="revision", legal_basis="article_17_1_d", reason="other_personal_data_entered",
        dpo_informed_on="2023-03-01",
    )  # fmt: skip
    assert wrong.status_code == 422
    assert 'href="#revision"' in boss.page
    await sign(
        boss, path, scope="revision", revision="3", legal_basis="article_17_1_d", reason="other_personal_data_entered",
        dpo_informed_on="2023-03-01",
    )  # fmt: skip
    assert (await people.read(request_id))["messages"][0]["text"] == "effacé"


async def test_drafts_and_texts_go_with_their_author_and_drafts_with_their_exchange(people: World) -> None:
    kept, erased = await _studied(people), await _studied(people)
    dpo = await person(people, CAF, "dpo")
    for request_id in (kept, erased):
        await send(dpo, f"/echanges/{request_id}/actes/opinion", text="Début.", _save="yes")
    await dpo.see("/textes")
    await dpo.post("/textes", {"text": "Un texte à moi."})
    body = {"scope": "object", "legal_basis": "article_17_1_d", "reason": "other_personal_data_entered",
            "dpo_informed_on": "2023-03-01"}  # fmt: skip
    await people.ok((CAF, "controller"), "POST", f"/requests/{erased}/erasure", body)
    assert await people.rows("SELECT exchange FROM act_draft") == [(kept,)]
    account = (await people.rows("SELECT account FROM own_text"))[0][0]
    await people.gate.engine.transact(lambda tx: forget(tx, account))
    assert await people.rows("SELECT exchange FROM act_draft") == []
    assert await people.rows("SELECT id FROM own_text") == []
