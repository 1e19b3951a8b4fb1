"""The home page: what waits for each function, by deadline; what waits for others; what changed since one came."""

from __future__ import annotations

from datetime import date, timedelta

from registry.storage.rebuild import rebuild
from tests.server.people.browsers import entered
from tests.world import CAF, SGL, World, email, request_document


async def _role(people: World, party: str, role: str) -> tuple[int, int]:
    """What lists say waits for a function, and what of it is late: where the home page's counts lead."""
    answers = [await people.ok((party, role), "GET", f"/requests?role={role}{more}") for more in ("", "&overdue=true")]
    return len(answers[0]["items"]), len(answers[1]["items"])


async def test_what_waits_follows_an_exchange_from_one_function_to_the_next(people: World) -> None:
    request_id = await people.under_study(request_document(title="Tarifs de cantine"))
    referent = await entered(people, "camille@caf.example", CAF, "business_referent")
    dpo = await entered(people, "dominique@caf.example", CAF, "dpo")
    asker = await entered(people, "sasha@sgl.example", SGL, "requester")
    await referent.see("/")
    for said in (
        "Conclure l'étude d'opportunité",
        "Tarifs de cantine",
        "attend depuis le 1er mars 2023",
        "Avant le 31 mars 2023",
    ):
        assert said in referent.text
    await people.studied(request_id)
    await referent.see("/")
    assert "Rien ne vous attend" in referent.text
    await dpo.see("/")
    assert "Rendre l'avis" in dpo.text
    assert '<a href="/echanges?role=dpo">' in dpo.page
    await asker.see("/")
    assert "Rendre l'avis" in asker.text
    assert "Caisse d'allocations familiales du Rhône, Délégué à la protection des données" in asker.text
    assert await _role(people, CAF, "dpo") == (1, 0)
    people.calendar.day += timedelta(days=60)
    dpo = await entered(people, "dominique2@caf.example", CAF, "dpo")
    await dpo.see("/")
    assert "dont 1 en retard" in dpo.text
    assert await _role(people, CAF, "dpo") == (1, 1)
    await people.opinion(request_id)
    assert await _role(people, CAF, "dpo") == (0, 0)
    kept = await people.rows("SELECT * FROM exchange_awaited ORDER BY position, party, role")
    await rebuild(people.gate.engine, people.gate.vault)
    assert await people.rows("SELECT * FROM exchange_awaited ORDER BY position, party, role") == kept != []


async def test_what_changed_since_one_came_is_what_others_did(people: World) -> None:
    request_id = await people.filed(request_document(title="Tarifs de cantine"))
    address = email(CAF, "business_referent")
    first = await entered(people, address, CAF, "business_referent")
    await first.see("/")
    assert "Derniers actes des autres" in first.text
    assert "Demande déposée" in first.text
    people.calendar.minutes += 5
    await first.see("/")
    assert "Derniers actes des autres" in first.text, "the same visit goes on"
    people.calendar.minutes += 5
    await people.ok((CAF, "business_referent"), "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"})
    await people.attach(request_id, "deliberation")
    again = await entered(people, address, CAF, "business_referent")
    await again.see("/")
    assert "Depuis votre dernière visite, le 1er mars 2023" in again.text
    assert "Pièce jointe au dossier" in again.text
    assert "Recevabilité examinée" not in again.page.partition('id="nouveau"')[2], "one's own act"
    assert "Demande déposée" not in again.page.partition('id="nouveau"')[2], "seen before"
    people.calendar.minutes += 5 * 60
    back = await entered(people, address, CAF, "business_referent")
    await back.see("/")
    assert "Personne d'autre n'a rien changé" in back.text
    await people.gate.engine.transact(lambda tx: tx.execute("UPDATE visit SET seen_at = '2023-02-28T00:00:00.000Z'"))
    await back.see("/")
    assert "Pièce jointe au dossier" in back.text, "who was away comes anew"


async def test_each_function_finds_what_it_is_for(people: World) -> None:
    await people.filed(request_document(title="Tarifs de cantine"))
    expected = {
        ("administrator",): ("Chaque fonction du circuit est tenue", "/comptes"),
        ("auditor",): ("Votre fonction consulte", "/inspection"),
        ("secretariat",): ("Suivre la convention", "/tableau-de-bord"),
        ("records_manager",): ("Rien ne vous attend", "/registre"),
        ("requester",): ("rédigez une demande", "/echanges/nouveau"),
        ("administrator", "controller"): ("Statuer sur la recevabilité", "/comptes"),
    }
    for number, (roles, (said, path)) in enumerate(expected.items()):
        person = await entered(people, f"personne{number}@caf.example", CAF, *roles)
        await person.see("/")
        assert said in person.text, roles
        assert f'href="{path}"' in person.page, roles
        assert ("Tarifs de cantine" in person.text) == (not {"administrator", "secretariat"}.issuperset(roles)), roles


async def test_the_convention_s_calendar_is_told_on_coming_in_to_whom_it_is_for(people: World) -> None:
    people.calendar.day = date(2025, 10, 1)
    for name, role, told in (("dominique", "dpo", True), ("alix", "secretariat", True), ("sasha", "requester", False)):
        home = await (await entered(people, f"{name}@caf.example", CAF, role)).see("/")
        assert ("La convention prend fin le 31/12/2025, dans 3 mois au plus." in home) is told, role
        assert ("Aucun échange en cours n&#39;en dépend." in home) is told, role


async def test_a_list_combines_words_a_function_and_lateness(people: World) -> None:
    late = await people.filed(request_document(title="Cantine"))
    people.calendar.day += timedelta(days=30)
    fresh = await people.filed(request_document(title="Cantine nouvelle"))
    person = await entered(people, "camille@caf.example", CAF, "business_referent")
    await person.see("/echanges?q=cantines&role=business_referent&turn=ours&state=filed&overdue=true")
    assert late in person.page
    assert fresh not in person.page
    assert 'name="overdue" value="true" checked' in person.page
    for query, found in (
        ("q=cantine&role=business_referent", [fresh, late]), ("role=dpo&q=cantine", []), ("turn=theirs", []),
        ("turn=ours&overdue=true&q=cantine", [late]), ("role=controller&overdue=true&limit=1", [late]),
    ):  # fmt: skip
        answer = await people.ok((CAF, "dpo"), "GET", f"/requests?{query}")
        assert [one["id"] for one in answer["items"]] == found, query


async def test_questions_asked_after_filing_wait_for_those_who_know_the_answers(people: World) -> None:
    request_id = await people.filed(request_document(title="Tarifs de cantine"))
    await people.ok((CAF, "business_referent"), "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"})
    asked = await entered(people, "dominique@sgl.example", SGL, "dpo")
    await asked.see("/")
    assert "Répondre aux questions du dossier" in asked.text
    await asked.see(f"/echanges/{request_id}")
    assert "Répondre aux questions posées au délégué du demandeur" in asked.text
    found = await people.read(request_id)
    path = f"/requests/{request_id}/document?stage=requester_dpo"
    await people.ok((SGL, "dpo"), "PUT", path, found["request"], version=found["version"])
    await asked.see("/")
    assert "Répondre aux questions du dossier" not in asked.text
