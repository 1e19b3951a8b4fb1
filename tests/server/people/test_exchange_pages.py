"""The list of exchanges and the page of each one, as a person reads them: only what the API shows, in plain words."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from registry.clock import paris_day
from registry.gate import listing
from registry.ledger.checkpoints import open_checkpoint
from registry.ledger.cosignatures import Cosigner
from registry.ledger.keys import Signer
from registry.ledger.receipts import parse_receipt
from registry.publishing.announcing import record_key
from registry.publishing.policies import witness_lines
from registry.storage.logs import every_log, lock_log
from server.home import load_log_signer
from server.pages import exchange as exchange_module
from server.pages import inbox
from tests.server.people.browsers import Browser, browser, entered
from tests.world import CAF, CONVENTION, MERGED, OULLINS, SGL, World, opened_world, reference, request_document

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script> & « l'intitulé »"


async def _dpo(world: World, party: str = CAF) -> Browser:
    return await entered(world, f"lecteur@{party}.example", party, "business_referent")


def _plain(reader: Browser) -> str:
    """What is read, any white space as one space."""
    return re.sub(r"\s+", " ", reader.text)


def _titles(page: str) -> list[str]:
    return re.findall(r'<h2 lang="fr"><a href="/echanges/[^"]+">([^<]+)</a>', page)


async def test_the_list_is_the_partys_own_newest_first(people: World) -> None:
    for title in ("Ancien", "Récent"):
        await people.filed(request_document(title=title))
    await people.create(request_document(title="Brouillon d'en face"))
    caf, town = await _dpo(people), await _dpo(people, SGL)
    assert _titles(await caf.see("/echanges")) == ["Récent", "Ancien"]
    assert "2 échanges" in caf.text
    assert _titles(await town.see("/echanges"))[0] == "Brouillon d&#39;en face"
    assert "3 échanges" in town.text
    stranger = await _dpo(people, OULLINS)
    await stranger.see("/echanges")
    assert "Votre partie n'a encore aucun échange" in stranger.text


async def test_filters_are_in_the_address_and_kept_by_the_form(people: World) -> None:
    await people.filed(request_document(title="Déposée", convention_field="housing"))
    await people.under_study(request_document(title="En étude"))
    reader = await _dpo(people)
    for query, titles in (
        ("state=under_study", ["En étude"]),
        ("field=housing", ["Déposée"]),
        (f"party={SGL}&state=&field=", ["En étude", "Déposée"]),
        (f"party={OULLINS}", []),
        ("state=filed&field=childhood", []),
    ):
        assert _titles(await reader.see(f"/echanges?{query}")) == titles
    assert "Aucun échange ne correspond à ces filtres" in reader.text
    assert '<option value="filed" selected>' in reader.page
    assert 'href="/echanges"' in reader.page


@pytest.mark.parametrize("query", ["state=nope", "field=x", "cursor=a", "sort=up", "state=filed&state=draft"])
async def test_a_wrong_filter_is_refused_as_by_the_api(people: World, query: str) -> None:
    reader = await _dpo(people)
    answered = await reader.get(f"/echanges?{query}")
    assert answered.status_code == (await people.call((CAF, "dpo"), "GET", f"/requests?{query}")).status_code == 400
    assert "Paramètre incorrect" in reader.text


async def test_pages_of_the_list_follow_each_other_with_their_filters(
    people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "_LIMIT", 2)
    for number in range(5):
        await people.filed(request_document(title=f"Échange {number}"))
    reader, seen, path = await _dpo(people), [], "/echanges?state=filed"
    while path:
        seen.append(_titles(await reader.see(path)))
        found = re.search(r'<a href="([^"]+)" rel="next"', reader.page)
        path = found.group(1).replace("&amp;", "&") if found else ""
        assert "5 échanges" in reader.text
    assert seen == [["Échange 4", "Échange 3"], ["Échange 2", "Échange 1"], ["Échange 0"]]
    assert 'href="/echanges?state=filed">Revenir au début' in reader.page


async def test_a_long_list_is_counted_no_further_than_its_limit(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST", 1)
    monkeypatch.setattr(inbox, "MOST", 1)
    reader = await _dpo(people)
    for wanted in ("1 échange", "Plus de 1 échanges", "Plus de 1 échanges"):
        await people.filed()
        await reader.see("/echanges")
        assert re.search(r'role="status">\s*([^<\n]+)', reader.page).group(1).strip() == wanted  # type: ignore[union-attr]


async def test_who_may_not_read_by_the_api_may_not_read_the_pages(people: World) -> None:
    filed, draft = await people.filed(), await people.create()
    nobody = browser(people)
    for path in ("/echanges", f"/echanges/{filed}"):
        asked = await nobody.get(path)
        assert (asked.status_code, asked.headers["location"]) == (303, f"/connexion?next={path}")
    clerk = await entered(people, "secretariat@caf.example", CAF, "secretariat")
    assert (await clerk.get("/echanges")).status_code == 403
    assert (await clerk.get(f"/echanges/{filed}")).status_code == 403
    assert 'href="/echanges"' not in await clerk.see("/")
    reader, stranger = await _dpo(people), await _dpo(people, OULLINS)
    for who, unseen in ((reader, draft), (stranger, filed), (reader, "pas-un-id"), (reader, filed.upper())):
        assert (await who.get(f"/echanges/{unseen}")).status_code == 404
        assert "Quotient" not in who.page
    assert (await reader.get(f"/echanges/{filed}?cursor=x")).status_code == 400
    assert 'href="/echanges"' in await reader.see("/")


async def test_what_is_asked_is_in_words_without_anything_technical(people: World) -> None:
    request_id = await people.filed()
    reader = await _dpo(people)
    await reader.see(f"/echanges/{request_id}")
    for words in (
        "À quoi serviront les données ?", "Calculer le tarif de la restauration scolaire", "Quotient familial du mois",
        "Barème voté par tranche de quotient", "Mineurs", "12 mois", "Agents du guichet famille", "Combien de temps ?",
        "Mission d'intérêt public",
    ):  # fmt: skip
        assert words in _plain(reader)
    for technical in ("public_interest_task", "data_items", "identifying", "None", "True", '{"'):
        assert technical not in reader.text


async def test_the_page_says_who_must_act_at_each_step(people: World) -> None:
    reader = await _dpo(people)

    async def awaited(request_id: str) -> list[str]:
        page = await reader.see(f"/echanges/{request_id}")
        part = page[page.index("Qui doit agir") : page.index("Ce que vous pouvez faire")]
        return re.findall(r"<strong>(?:<a [^>]+>)?([^<]+)<", part)

    request_id = await people.filed()
    assert await awaited(request_id) == ["Statuer sur la recevabilité"]
    request_id = await people.under_study()
    assert await awaited(request_id) == [
        "Conclure l'étude d'opportunité", "Conclure l'étude de faisabilité",
        "Conclure l'étude de conformité",
    ]  # fmt: skip
    assert '<span class="tag">votre partie</span>' in reader.page
    await people.studied(request_id)
    assert await awaited(request_id) == ["Rendre l'avis du délégué à la protection des données"]
    await people.opinion(request_id)
    assert await awaited(request_id) == ["Décider"]
    await people.decided(request_id)
    assert await awaited(request_id) == ["Accepter les conditions"]
    await people.prepared(request_id)
    assert await awaited(request_id) == ["Confirmer la fiche du registre"]
    await people.confirmed(request_id, SGL)
    assert await awaited(request_id) == ["Confirmer la fiche du registre"]
    await people.confirmed(request_id, CAF)
    assert await awaited(request_id) == ["Mettre en œuvre l'échange"]
    await people.activate(request_id)
    assert await awaited(request_id) == []
    assert reader.page.count('class="done"') == 6
    assert "Fiche T-2023-001, confirmée le 1er mars 2023" in reader.text


async def test_a_successor_is_named_in_the_place_of_a_party_that_is_no_more(people: World) -> None:
    request_id = await people.create(request_document(requester=OULLINS), OULLINS)
    people.calendar.day = date(2024, 1, 2)
    parties = (await people.ok((CAF, "dpo"), "GET", f"/conventions/{CONVENTION}"))["parties"]
    successor = next(party for party in parties if party["id"] == MERGED)
    successor.pop("delegations", None)
    body = {"predecessors": [OULLINS, "pierre-benite"], "successor": successor, "effective_on": "2024-01-01",
            "reference": "Arrêté de création de la commune nouvelle"}  # fmt: skip
    await people.ok((CAF, "secretariat"), "POST", f"/conventions/{CONVENTION}/successions", body)
    reader = await _dpo(people, MERGED)
    page = await reader.see(f"/echanges/{request_id}")
    part = page[page.index("Qui doit agir") : page.index("Ce que vous pouvez faire")]
    assert "Oullins-Pierre-Bénite" in part
    assert "votre partie" in part


async def test_the_acts_shown_are_those_open_to_the_reader(people: World) -> None:
    request_id = await people.filed()
    acts = {
        role: (await entered(people, f"{role}@caf.example", CAF, role), await people.read(request_id, (CAF, role)))
        for role in ("business_referent", "auditor")
    }
    for reader, view in acts.values():
        page = await reader.see(f"/echanges/{request_id}")
        part = page[page.index("Ce que vous pouvez faire") : page.index("</aside>")]
        assert part.count("<li>") == len(view["acts"])
    assert "Aucun acte ne vous est ouvert" in acts["auditor"][0].text
    assert "Demander des compléments" in acts["business_referent"][0].text


async def test_findings_come_blocking_first_with_source_place_and_alternative(people: World) -> None:
    items = [{"label": "Numéro de sécurité sociale", "cnil_category": "nir", "necessity": "Rapprocher"}]
    request_id = await people.filed(request_document(data_items=items))
    reader = await _dpo(people)
    page = await reader.see(f"/echanges/{request_id}")
    severities = re.findall(r'class="finding (\w+)"', page)
    order = ["blocking", "warning", "information"]
    assert severities == sorted(severities, key=order.index)
    assert severities[0] == "blocking"
    view = await people.read(request_id)
    assert len(severities) == len(view["findings"])
    for finding in view["findings"]:
        assert finding["source"] in reader.text
        assert all(instead["text"] in reader.text for instead in finding["alternatives"])
    assert page.count("à vérifier") == sum(found["confidence"] == "to_check" for found in view["findings"])
    assert "Données demandées, « Numéro de sécurité sociale »" in reader.text


async def test_opinion_decision_and_conditions_are_shown(people: World) -> None:
    request_id = await people.under_study()
    await people.studied(request_id, "reserved")
    condition = {"number": 1, "text": "Purger chaque année.", "prior": False, "due_on": "2023-09-01"}
    lines = [{"path": "data_items.1", "value": "unfavourable", "text": "Inutile au barème."}]
    opinion = {
        "value": "favourable_with_recommendations", "text": "Sous réserve d'une purge.", "lines": lines,
        "recommendations": [condition],
    }  # fmt: skip
    await people.opinion(request_id, opinion)
    decision = {"value": "approved", "reasons": "Utile aux familles.", "excluded_paths": ["data_items.1"]}
    await people.decided(request_id, decision)
    reader = await _dpo(people, SGL)
    await reader.see(f"/echanges/{request_id}")
    for words in (
        "Favorable avec recommandations", "Sous réserve d'une purge.", "Inutile au barème.", "Recommandation n° 1",
        "Purger chaque année.", "pour le 1er septembre 2023", "Approuvée", "Utile aux familles.", "N'est pas accordé :",
        "Données demandées, « Identité de l'allocataire et du conjoint »", "Réservée",
    ):  # fmt: skip
        assert words in _plain(reader)


async def test_hostile_text_is_shown_as_text(people: World) -> None:
    request_id = await people.filed(request_document(title=HOSTILE, purposes={"main": HOSTILE}))
    reader = await _dpo(people)
    for path in ("/echanges", f"/echanges/{request_id}"):
        await reader.see(path)
        assert HOSTILE in reader.text.replace("\xa0", " ")
        assert "<script>alert" not in reader.page


async def test_a_conventions_own_words_are_shown_as_text(database_url: str, tmp_path: Path) -> None:
    document = {**reference("convention"), "checks": {"severity_labels": {"information": "<b>Pour info</b>"}}}
    async with opened_world(tmp_path / "home", database_url, document) as world:
        request_id = await world.filed()
        reader = await _dpo(world)
        await reader.see(f"/echanges/{request_id}")
    assert "<b>Pour info</b>" in reader.text
    assert "<b>Pour info" not in reader.page


async def test_the_history_tells_each_act_with_function_text_and_downloads_its_proofs(people: World) -> None:
    request_id = await people.approved()
    await people.attach(request_id, "deliberation")
    await people.published()
    reader = await _dpo(people)
    page = await reader.see(f"/echanges/{request_id}")
    text = _plain(reader)
    assert "Avis du délégué à la protection des données rendu 1er mars 2023, 10:00" in text
    assert "Caisse d'allocations familiales du Rhône · Délégué à la protection des données · dpd@caf.example" in text
    assert "Avis favorable." in text
    receipts = re.findall(rf'href="(/api/v1/receipts/{request_id}/\d+)" download', page)
    acts = (await people.ok((CAF, "dpo"), "GET", f"/requests/{request_id}/events?limit=200"))["items"]
    assert receipts == [act["receipt"] for act in reversed(acts)]
    assert text.count("Publié le") == len(acts)
    found = await reader.client.get(receipts[0])
    assert parse_receipt(found.content).extra
    pack = await reader.client.get(f"/api/v1/requests/{request_id}/evidence")
    assert any(name.endswith("-deliberation.txt") for name in zipfile.ZipFile(io.BytesIO(pack.content)).namelist())
    paper = await reader.client.get(f"/api/v1/requests/{request_id}/documents/opinion")
    for answered in (found, pack, paper):
        assert answered.status_code == 200
        assert answered.headers["content-disposition"].startswith("attachment;")
        assert answered.headers["x-content-type-options"] == "nosniff"


async def test_the_history_is_paged_from_its_latest_acts(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "_LIMIT", 4)
    request_id = await people.approved()
    acts = (await people.ok((CAF, "dpo"), "GET", f"/requests/{request_id}/events?limit=200"))["items"]
    reader, seen, path = await _dpo(people), [], f"/echanges/{request_id}"
    while path:
        page = await reader.see(path)
        seen += [int(n) for n in re.findall(rf"/receipts/{request_id}/(\d+)", page)]
        found = re.search(r'<a href="([^"#]+)#historique" rel="next"', page)
        path = found.group(1) if found else ""
    assert seen == [act["revision"] for act in reversed(acts)]
    assert "Actes les plus récents" in reader.text


async def test_a_record_that_waits_is_recorded_and_downloads_as_a_promise(people: World) -> None:
    await people.published()
    await people.stop_publishing()
    request_id = await people.filed()
    reader = await _dpo(people)
    await reader.see(f"/echanges/{request_id}")
    assert reader.page.count("<strong>Enregistré</strong>") == 2
    assert "Publié le" not in reader.text
    assert "Enregistrement signé" in reader.text
    assert (await reader.client.get(f"/api/v1/receipts/{request_id}/1")).status_code == 202


async def test_a_witnessed_record_says_by_how_many_and_since_when(people: World) -> None:
    request_id = await people.create()
    await people.published()
    witnesses = [Cosigner(Signer.generate(f"{name}.example/temoin")) for name in "ab"]
    lines = "".join(f"witness {w.verifier.name} {w.verifier.vkey}\n" for w in witnesses)
    await _policy(people, f"{lines}group all 2 {' '.join(w.verifier.name for w in witnesses)}\nquorum all\n")
    reader, times = await _dpo(people, SGL), (1_677_657_600, 1_677_659_400)
    for witness, time, wanted in zip(
        witnesses, times, ["attesté par 1 témoin sur 2, pas encore assez",
        "attesté par 2 témoins sur 2, depuis le 1er mars 2023, 09:30"], strict=True,
    ):  # fmt: skip
        await _cosigned(people, witness, time)
        await reader.see(f"/echanges/{request_id}")
        assert wanted in _plain(reader).replace(" ,", ",")
    assert 'class="witnessed"' in reader.page


async def _policy(world: World, text: str) -> None:
    async def work(tx: Any) -> None:
        (log,) = await every_log(tx, CONVENTION)
        await lock_log(tx, log)
        signer, now = world.gate.recorder.signer(log.origin), world.gate.now()
        await record_key(tx, log, signer, "policy.set", {"policy": witness_lines(text)}, now, paris_day(now))

    await world.gate.engine.transact(work)
    world.gate.on_recorded()
    await world.published()


async def _cosigned(world: World, witness: Cosigner, time: int) -> None:
    headers = {"Authorization": f"Bearer {world.tokens[CAF, 'dpo']}"}
    base = f"/ledger/{CONVENTION}/2023"
    head = (await world.client.get(f"{base}/checkpoint", headers=headers)).content
    origin = head.decode().split("\n")[0]
    keys = [key.verifier for key in load_log_signer(world.settings).signers(origin)]
    line = witness.cosign(open_checkpoint(head, keys), time)
    posted = await world.client.post(f"{base}/cosignatures", content=line.text.encode(), headers=headers)
    assert posted.status_code == 200, posted.text


async def test_what_was_erased_reads_so_and_its_text_is_gone(people: World) -> None:
    request_id = await people.under_study()
    await people.studied(request_id)
    await people.opinion(request_id, {"value": "favourable", "text": "Texte à faire disparaître."})
    reader = await _dpo(people)
    assert "Texte à faire disparaître." in await reader.see(f"/echanges/{request_id}")
    why = {"legal_basis": "article_17_1_d", "reason": "exchanged_data_entered", "dpo_informed_on": "2023-03-01"}
    revision = int(re.search(rf"/receipts/{request_id}/(\d+)", reader.page).group(1))  # type: ignore[union-attr]
    path = f"/requests/{request_id}/erasure"
    await people.ok((CAF, "controller"), "POST", path, {"scope": "revision", "revision": revision, **why})
    page = await reader.see(f"/echanges/{request_id}")
    assert "disparaître" not in page
    assert page.count('<span class="tag">effacé</span>') == 1
    assert "Textes ou pièces du dossier effacés" in reader.text
    await people.ok((CAF, "controller"), "POST", path, {"scope": "object", **why})
    await reader.see(f"/echanges/{request_id}")
    assert "Ce dossier a été effacé le 1er mars 2023" in reader.text
    assert "Rien n'est attendu de personne." in reader.text


async def test_the_pages_are_in_english_when_asked(people: World) -> None:
    request_id = await people.approved()
    reader = await _dpo(people)
    await reader.see(f"/echanges/{request_id}?lang=en")
    for words in ("What is asked", "Who must act", "Accept the conditions", "History", "Findings of compliance"):
        assert words in reader.text
    await reader.see("/echanges?lang=en")
    assert "1 exchange" in reader.text
    assert "What each mention means" in await reader.see("/verification?lang=en")
