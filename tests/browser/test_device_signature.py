"""An opinion signed in Chromium with a security key: what is re-read is what is signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.browser.test_doors import CAF, _authenticator
from tests.world import CONVENTION, MERGED, example

if TYPE_CHECKING:
    from tests.browser.conftest import Tab

_SEND = """async ([method, path, body, version]) => {
  const token = document.querySelector("meta[name=csrf]").content;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  if (version) headers["If-Match"] = `"${version}"`;
  const answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, content: await answer.json() };
}"""


def _does(tab: Tab, party: str, role: str, method: str, path: str, body: Any, version: int | None = None) -> Any:
    """One act of a role of the demonstration, asked by its own page."""
    tab.take(party, role)
    done = tab.page.evaluate(_SEND, [method, path, body, version])
    assert done["status"] < 300, done
    return done["content"]


def _studied(tab: Tab) -> str:
    """A request of today whose study is complete."""
    today = datetime.now(UTC).date()
    document = example("EX-2022-007")["request"] | {
        "requester": MERGED, "processors": [], "transfers": [], "requested_on": None, "title": "Barème des accueils",
        "period": {"start": today.isoformat(), "end": f"{today.year + 2}-12-31"},
    }  # fmt: skip
    path = f"/conventions/{CONVENTION}/requests"
    request_id = str(_does(tab, MERGED, "requester", "POST", path, document)["id"])
    base = f"/requests/{request_id}"
    _does(tab, MERGED, "requester", "POST", f"{base}/filing", {}, 1)
    _does(tab, CAF, "business_referent", "POST", f"{base}/admission", {"outcome": "under_study"})
    parts = {"opportunity": "business_referent", "feasibility": "it_security", "compliance": "compliance_referent"}
    for part, role in parts.items():
        body = {"conclusion": "favourable", "text": "Analyse du volet."}
        _does(tab, CAF, role, "PUT", f"{base}/study/{part}", body, 1)
    return request_id


def test_an_opinion_is_signed_with_a_security_key(tab: Tab) -> None:
    _authenticator(tab)
    request_id = _studied(tab)
    tab.take(CAF, "dpo")
    tab.goto("/compte")
    tab.page.get_by_label("Nom de la clé").fill("Clé du délégué")
    tab.page.get_by_role("button", name="Ajouter une clé d'accès").click()
    tab.page.locator("strong", has_text="Clé du délégué").wait_for()
    assert "signe vos actes" in tab.page.inner_text("section[aria-labelledby=cles]")
    tab.goto(f"/echanges/{request_id}/actes/opinion")
    tab.page.locator("input[name=value][value=favourable]").check()
    tab.page.locator("textarea[name=text]").first.fill("Avis favorable, données limitées au besoin.")
    tab.page.locator(".panel.act button[type=submit]:not([name])").last.click()
    tab.page.wait_for_url("**/relecture")
    assert "données limitées au besoin" in tab.page.inner_text("main")
    tab.page.get_by_role("button", name="Signer avec ma clé d'accès").click()
    tab.page.wait_for_url("**fait=*")
    assert "faite sur l'appareil de son auteur" in tab.page.content()
    done = tab.page.evaluate(_SEND, ["GET", f"/requests/{request_id}/events?limit=200", None, None])["content"]
    device = done["items"][-1]["derived"]["device"]
    assert (device["algorithm"], json.dumps(device["enrolment"]).count(":")) == (-7, 3)
    tab.goto("/compte")
    tab.page.get_by_role("button", name="Supprimer").first.click()
    tab.page.wait_for_load_state()
