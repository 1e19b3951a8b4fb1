"""The documents of a whole exchange: each at its moment, archivable, sealed by its own party; and what anybody may read."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import page
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from registry.documents import DOCUMENTS
from server.seals import make_demonstration_seal
from tests.registry.exports.samples import HOSTILE, program
from tests.world import CAF, CONVENTION, SGL, World, request_document

if TYPE_CHECKING:
    from pathlib import Path


async def _document(world: World, request_id: str, name: str, who: tuple[str, str] = (CAF, "dpo")) -> bytes:
    response = await world.call(who, "GET", f"/requests/{request_id}/documents/{name}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
        report = page.validate_pdf_bytes(response.content, profile=profile, limits=page.SafetyLimits.unlimited())
        assert [item for item in report.to_dict()["failures"] if "STREAM-LENGTH-001" not in str(item)] == []
    return response.content


def _text(content: bytes, folder: Path) -> str:
    (folder / "x.pdf").write_bytes(content)
    done = subprocess.run(
        [program("pdftotext"), "-layout", folder / "x.pdf", "-"], capture_output=True, text=True, check=True
    )
    return " ".join(re.sub(r"[-\u00ad\u2010]\n\s*", "", done.stdout).split())


async def test_each_document_comes_at_its_moment(world: World, tmp_path: Path) -> None:
    request_id = await world.under_study()
    base = f"/requests/{request_id}/documents"
    for name in ("opinion", "decision", "agreement", "certificate"):
        await world.refused(409, "wrong-state", (CAF, "dpo"), "GET", f"{base}/{name}")
    await world.refused(404, "not-found", (CAF, "dpo"), "GET", f"{base}/inconnu")
    await world.refused(404, "not-found", ("oullins", "dpo"), "GET", f"{base}/request")
    await world.refused(403, "forbidden", (CAF, "administrator"), "GET", f"{base}/request")
    await world.studied(request_id)
    condition = {"number": 1, "text": "Journaliser les accès.", "prior": True}
    body = {"value": "favourable_subject_to_conditions", "text": "Avis motivé.", "recommendations": [condition]}
    await world.opinion(request_id, body)
    await world.decided(request_id, {"value": "approved_subject_to_conditions", "reasons": "Sous cette réserve."})
    said = {name: _text(await _document(world, request_id, name), tmp_path) for name in DOCUMENTS}
    assert "Analyse du volet." in said["request"]
    assert "Quotient familial" in said["request"]
    assert "Avis motivé." in said["opinion"]
    assert "Journaliser les accès." in said["opinion"]
    assert "Sous cette réserve." in said["decision"]
    assert "Directeur général" in said["decision"]
    for name in ("agreement", "certificate"):
        assert "familiales du Rhône" in said[name]
    assert "Article 12. Durée et fin" in said["agreement"]
    assert "Mineurs : " in said["agreement"], "a yes or a no says of what"
    for text in said.values():
        assert not re.search(r", (oui|non)\b|\d{4}-\d{2}-\d{2}", text)
    assert "réclamation auprès de la CNIL" in said["notice"]
    assert "[à compléter]" in said["certificate"]


async def test_a_document_is_sealed_when_its_own_party_takes_it_out(world: World) -> None:
    request_id = await world.under_study()
    for party in (CAF, SGL):
        make_demonstration_seal(world.settings, party, party, world.calendar())
    ours = await _document(world, request_id, "request", (SGL, "requester"))
    assert len(PdfFileReader(io.BytesIO(ours)).embedded_signatures) == 1
    theirs = await _document(world, request_id, "request", (CAF, "dpo"))
    assert PdfFileReader(io.BytesIO(theirs)).embedded_signatures == []
    draft = await _document(world, request_id, "notice", (SGL, "requester"))
    assert PdfFileReader(io.BytesIO(draft)).embedded_signatures == []


@pytest.mark.parametrize("text", [HOSTILE[0], HOSTILE[11], HOSTILE[12], HOSTILE[16], HOSTILE[20]])
async def test_whatever_people_typed_documents_are_made(world: World, text: str) -> None:
    document = request_document(title=text)
    document["purposes"]["main"] = text
    document["data_items"][0]["label"] = text
    request_id = await world.under_study(document)
    for name in ("request", "notice"):
        await _document(world, request_id, name)
    found = await world.ok((CAF, "dpo"), "GET", f"/requests/{request_id}/pia")
    assert "<b>" not in json.dumps(found["answers"])


async def test_an_impact_assessment_is_begun_for_the_cnils_software(world: World) -> None:
    request_id = await world.under_study()
    found = await world.ok((SGL, "dpo"), "GET", f"/requests/{request_id}/pia")
    assert set(found) == {"pia", "answers", "measures", "evaluations", "comments"}
    answers = {answer["reference_to"]: answer["data"]["text"] for answer in found["answers"]}
    assert set(answers) <= {111, 112, 113, 121, 122, 123, 211, 212, 213, 214, 215, 221, 222, 223, 224, 225, 226, 227}
    assert "Quotient familial du mois" in answers[121]
    assert "Mission d'intérêt public" in answers[212].replace("&#x27;", "'")
    assert found["measures"]
    assert all(set(answer["data"]) == {"text", "gauge", "list"} for answer in found["answers"])


async def test_anybody_reads_the_exchanges_in_operation_and_nothing_more(world: World) -> None:
    active = await world.active()
    await world.approved(request_document(title="Pas encore en vigueur"))
    reference = (await world.read(active))["reference"]
    path = f"/conventions/{CONVENTION}/exchanges"
    response = await world.call(None, "GET", path)
    (line,) = response.json()["items"]
    assert (line["reference"], line["state"], line["since"]) == (reference, "Active", "2023-03-01")
    for hidden in ("API Particulier", "Agents du guichet unique", "@"):
        assert hidden not in response.text
    table = await world.call(None, "GET", f"{path}.csv")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [row[0] for row in rows] == ["Référence", reference]
    shown = await world.client.get(f"/exchanges/{CONVENTION}")
    assert shown.status_code == 200
    assert reference in shown.text
    assert "Pas encore en vigueur" not in shown.text
    assert "Agents du guichet unique" not in shown.text
    for address in (f"/api/v1{path}".replace(CONVENTION, "inconnue"), "/exchanges/inconnue"):
        missing: Any = await world.client.get(address)
        assert missing.status_code == 404


async def test_the_page_shows_what_people_typed_as_text(world: World) -> None:
    await world.active(request_document(title="<script>alert(1)</script>"))
    shown = await world.client.get(f"/exchanges/{CONVENTION}")
    assert "<script>" not in shown.text
    assert "&lt;script&gt;" in shown.text


async def test_the_committees_report_says_totals_and_nothing_of_an_exchange(world: World, tmp_path: Path) -> None:
    secretariat = (CAF, "secretariat")
    seat = {"party": SGL, "function": "Adjointe à l'enfance", "kind": "full_member", "from": "2023-01-01"}
    await world.ok(secretariat, "POST", f"/conventions/{CONVENTION}/committee/members", seat)
    met = {"held_on": "2023-02-01", "present": [CAF, SGL], "subjects": "Bilan de l'année passée."}
    await world.ok(secretariat, "POST", f"/conventions/{CONVENTION}/committee/meetings", met)
    title = "Intitulé qui ne doit paraître nulle part"
    for _ in range(6):
        await world.filed(request_document(title=title))
    path = f"/conventions/{CONVENTION}/report"
    said = {}
    for name, asked in (("report", "?year=2023"), ("account", "")):
        response = await world.call((SGL, "steering_committee"), "GET", path + asked)
        assert response.status_code == 200, response.text
        for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
            judged = page.validate_pdf_bytes(response.content, profile=profile, limits=page.SafetyLimits.unlimited())
            assert [item for item in judged.to_dict()["failures"] if "STREAM-LENGTH-001" not in str(item)] == []
        said[name] = _text(response.content, tmp_path)
    assert "Rapport 2023" in said["report"]
    assert "Bilan des échanges de données" in said["account"]
    assert "prochaine convention" in said["account"]
    for text in said.values():
        assert title not in text
        assert "EX-2023" not in text
        assert "Adjointe à l'enfance (Titulaire)" in text
        assert "Bilan de l'année passée." in text
        assert re.search(r"En instruction 6 ", text)
        assert "Total 6" in text
    await world.refused(404, "not-found", (SGL, "steering_committee"), "GET", f"{path}?year=2020")
