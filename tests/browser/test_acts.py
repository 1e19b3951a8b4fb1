"""Acts of an exchange in a browser: a life by keyboard, axe on every page met; what is typed is kept by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.browser.test_accessibility import faults
from tests.world import request_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Tab

CAF, TOWN = "caf-rhone", "saint-genis-laval"
_CALL = """async ([method, path, body, version]) => {
    const headers = {"content-type": "application/json", "x-csrf-token": document.querySelector("meta[name=csrf]").content};
    if (version) headers["If-Match"] = `"${version}"`;
    const answer = await fetch("/api/v1" + path, {method, headers, body: body === null ? undefined : JSON.stringify(body)});
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
}"""


def _call(tab: Tab, method: str, path: str, body: Any = None, version: int | None = None) -> Any:
    return tab.page.evaluate(_CALL, [method, path, body, version])


def _sound(tab: Tab) -> None:
    assert faults(tab) == []
    wide = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def _press(tab: Tab, name: str) -> None:
    """A button or a link, by keyboard."""
    place = tab.page.get_by_role("button", name=name, exact=True).or_(
        tab.page.get_by_role("link", name=name, exact=True)
    )
    place.last.focus()
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")


def _tick(tab: Tab, name: str) -> None:
    tab.page.locator(name).first.focus()
    tab.page.keyboard.press("Space")


def _type(tab: Tab, name: str, text: str) -> None:
    tab.page.locator(f'[name="{name}"]').focus()
    tab.page.keyboard.insert_text(text)


def _filed(tab: Tab) -> str:
    """A request of the town, filed, admitted, its questions answered, as programs do it."""
    tab.take(TOWN, "requester")
    document = request_document(title="Quotient familial pour les séjours d'été")
    made = _call(tab, "POST", "/conventions/ctg-sol-2021-2025/requests", document)
    base = f"/requests/{made['id']}"
    _call(tab, "POST", f"{base}/filing", {}, 1)
    tab.take(CAF, "business_referent")
    _call(tab, "POST", f"{base}/admission", {"outcome": "under_study"})
    for party, role, stage in ((TOWN, "dpo", "requester_dpo"), (CAF, "it_security", "holder")):
        tab.take(party, role)
        found = _call(tab, "GET", base)
        _call(tab, "PUT", f"{base}/document?stage={stage}", found["request"], found["version"])
    return f"/echanges/{made['id']}"


def test_a_life_by_keyboard_from_study_to_activation(opened: Callable[..., Any]) -> None:
    with opened(viewport={"width": 360, "height": 740}, color_scheme="dark") as tab:
        exchange = _filed(tab)
        roles = {"opportunity": "business_referent", "feasibility": "it_security", "compliance": "compliance_referent"}
        for part, role in roles.items():
            tab.take(CAF, role)
            tab.goto(exchange)
            with tab.page.expect_navigation():
                tab.page.locator("#etude ~ .parts a.button").focus()
                tab.page.keyboard.press("Enter")
            _tick(tab, "[name=conclusion]")
            _type(tab, "text", f"Analyse du volet {part}.")
            tab.page.locator(".act-buttons button").first.focus()
            with tab.page.expect_navigation():
                tab.page.keyboard.press("Enter")
            assert "C'est fait" in tab.page.inner_text("[role=status]").replace("\xa0", " ")
        tab.take(CAF, "dpo")
        tab.goto(exchange)
        _press(tab, "Rendre l'avis du délégué à la protection des données")
        _tick(tab, '[name=value][value="favourable_with_recommendations"]')
        _type(tab, "text", "La demande est proportionnée.")
        tab.page.get_by_role("button", name="Ajouter une première ligne – Recommandations").focus()
        tab.page.keyboard.press("Enter")
        assert tab.page.evaluate("document.activeElement.name") == "recommendations/0/text"
        tab.page.keyboard.insert_text("Informer les familles sur le formulaire d'inscription.")
        with tab.page.expect_response("**/brouillons/opinion"):
            _tick(tab, '[name="recommendations/0/owner"]')
            tab.page.keyboard.press("ArrowDown")
        tab.page.get_by_text("Brouillon gardé à").wait_for()
        _press(tab, "Relire avant de signer")
        assert tab.page.evaluate("document.activeElement.id") == "erreurs"
        _sound(tab)
        tab.page.get_by_role("link", name="Recommandation 1, Condition préalable").focus()
        tab.page.keyboard.press("Enter")
        _tick(tab, '[name="recommendations/0/prior"][value="false"]')
        _press(tab, "Relire avant de signer")
        assert "Informer les familles" in tab.page.inner_text("main")
        _sound(tab)
        _press(tab, "Signer")
        tab.take(CAF, "controller")
        tab.goto(f"{exchange}/actes/decision")
        _tick(tab, '[name=value][value="approved"]')
        _press(tab, "Relire avant de signer")
        _press(tab, "Signer")
        tab.take(TOWN, "controller")
        tab.goto(exchange)
        _press(tab, "Accepter les conditions")
        _press(tab, "Accepter les conditions")
        tab.take(TOWN, "requester")
        tab.goto(f"{exchange}/actes/preparation")
        _press(tab, "Engager la préparation")
        _press(tab, "Joindre une pièce")
        tab.page.get_by_label("Nature de la pièce").select_option("article_14_notice")
        tab.page.get_by_label("Date de la pièce").fill("2026-01-05")
        tab.page.get_by_label("Fichier").set_input_files(
            {"name": "mention.txt", "mimeType": "text/plain", "buffer": b"Mention."}
        )
        _sound(tab)
        _press(tab, "Joindre une pièce")
        for party in (CAF, TOWN):
            tab.take(party, "records_manager")
            found = _call(tab, "GET", f"/requests/{exchange.rsplit('/', 1)[-1]}")
            entry = found["register_entries"][party]
            version = _call(tab, "GET", f"/parties/{party}/register/entries/{entry}")["version"]
            body = {"entry": entry, "entry_version": version, "action": "created"}
            _call(tab, "POST", f"/requests/{found['id']}/register-confirmations", body)
        tab.take(TOWN, "requester")
        tab.goto(exchange)
        tab.page.get_by_role("link", name="Mettre en œuvre l'échange").first.focus()
        with tab.page.expect_navigation():
            tab.page.keyboard.press("Enter")
        assert tab.page.get_by_text("Rien ne manque").is_visible()
        _type(tab, "authorised_users", "Agents du guichet unique")
        _sound(tab)
        _press(tab, "Mettre en œuvre l'échange")
        assert tab.page.locator(".state-active").is_visible()
        _sound(tab)
        tab.goto(f"{exchange}/versions")
        _sound(tab)
        tab.take(CAF, "dpo")
        tab.goto("/textes")
        _sound(tab)
        assert tab.wrong == []
