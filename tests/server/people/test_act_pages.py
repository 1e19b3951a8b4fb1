"""Every act of an exchange in plain forms: done by its role, refused to others, and nothing typed is ever lost."""

from __future__ import annotations

from typing import Any

from tests.server.people.acting import person, send, sign
from tests.world import CAF, SGL, World

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
    await _do(asker_dpo, f"{base}/document", _stage="requester_dpo")
    await _do(security, f"{base}/document", _stage="holder")
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
    for who in (records, asker_records):
        await _do(who, f"{base}/register-confirmations")
    await _do(asker, f"{base}/activation", authorised_users="Agents du guichet unique\nService famille")
    file = await people.read(request_id)
    assert file["state"] == "active"
    assert file["authorised_users"] == ["Agents du guichet unique", "Service famille"]
    assert file["opinion"]["text"] == HOSTILE
    assert file["recommendations"][0]["paths"] == ["recipients.0"]
    assert await people.rows("SELECT * FROM act_draft") == []
    assert "Rien n'est attendu de personne" in asker.text
