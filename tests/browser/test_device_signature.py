"""A decision signed in Chromium with a security key: what is shown is what is signed, and the pack proves it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.browser.test_doors import CAF, _authenticator

if TYPE_CHECKING:
    from tests.browser.conftest import Tab


def test_an_opinion_is_signed_with_a_security_key(tab: Tab) -> None:
    _authenticator(tab)
    tab.take(CAF, "dpo")
    tab.goto("/compte")
    tab.page.get_by_label("Nom de la clé").fill("Clé du délégué")
    tab.page.get_by_role("button", name="Ajouter une clé d'accès").click()
    tab.page.locator("strong", has_text="Clé du délégué").wait_for()
    assert "signe vos actes" in tab.page.inner_text("#cles ~ ul, section[aria-labelledby=cles]")
    listed = tab.page.request.get(f"{tab.served.address}/api/v1/requests?state=under_study&limit=50").json()["items"]
    waiting = next(one["id"] for one in listed if one["study_complete"] and not one["opinion_complete"])
    tab.goto(f"/echanges/{waiting}/actes/opinion")
    tab.page.locator("input[name=value][value=favourable]").check()
    tab.page.locator("textarea[name=text]").first.fill("Avis favorable, données limitées au besoin.")
    tab.page.locator("form button[type=submit]:not([name])").last.click()
    tab.page.wait_for_url("**/relecture")
    assert "données limitées au besoin" in tab.page.inner_text("main")
    tab.page.get_by_role("button", name="Signer avec ma clé d'accès").click()
    tab.page.wait_for_url("**fait=*")
    events = tab.page.request.get(f"{tab.served.address}/api/v1/requests/{waiting}/events?limit=200").json()["items"]
    device = events[-1]["derived"]["device"]
    assert json.dumps(device)
    assert device["algorithm"] == -7
    assert "faite sur l'appareil de son auteur" in tab.page.inner_text("main")
