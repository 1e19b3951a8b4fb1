"""Signing in as people do it: passkeys, one-time codes, without JavaScript, by keyboard; another site's form."""

from __future__ import annotations

import http.server
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pyotp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Tab

PASSWORD = "quatre-tilleuls-devant-la-halle"
CAF = "caf-rhone"


def _authenticator(tab: Tab) -> None:
    """A security key plugged into the browser, whose owner touches it at once."""
    cdp = tab.context.new_cdp_session(tab.page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _activated(tab: Tab, email: str, role: str = "requester") -> None:
    """A new person takes their account by the operator's link, and acts for the Caf."""
    link = tab.served.ecluse("account", "invite", email, "--party", CAF, "--role", role)
    tab.page.goto(link)
    tab.page.get_by_label("Choisissez un mot de passe").fill(PASSWORD)
    tab.page.get_by_label("Le même, une seconde fois").fill(PASSWORD)
    tab.page.get_by_label("J'ai lu cet engagement").check()
    tab.press("Accepter l'invitation")
    assert tab.path() == "/compte"


def test_a_passkey_signs_in_and_confirms(tab: Tab) -> None:
    _authenticator(tab)
    _activated(tab, "cle@caf.example")
    tab.page.get_by_label("Nom de la clé").fill("Clé du bureau")
    tab.page.get_by_role("button", name="Ajouter une clé d'accès").click()
    tab.page.locator("strong", has_text="Clé du bureau").wait_for()
    assert "n'a pas encore de second facteur" not in tab.page.content()
    tab.press("Se déconnecter")
    tab.goto("/connexion?next=/compte")
    tab.page.get_by_role("button", name="Utiliser une clé d'accès").click()
    tab.page.wait_for_url(f"{tab.served.address}/compte")
    assert "Utilisée le" in tab.page.content()
    tab.goto("/confirmation?next=/compte")
    tab.page.get_by_role("button", name="Confirmer avec une clé d'accès").click()
    tab.page.wait_for_url(f"{tab.served.address}/compte")


def test_a_key_that_is_not_known_says_so_in_the_page(tab: Tab) -> None:
    _authenticator(tab)
    tab.goto("/connexion")
    tab.page.get_by_role("button", name="Utiliser une clé d'accès").click()
    tab.page.get_by_text("La clé d'accès n'a pas répondu").wait_for()


def test_everything_but_passkeys_works_without_javascript_by_keyboard(opened: Callable[..., Any]) -> None:
    with opened(java_script_enabled=False) as tab:
        _activated(tab, "sans-script@caf.example")
        tab.press("Installer les codes")
        found = re.search(r'class="seed">([A-Z2-7 ]+)<', tab.page.content())
        assert found
        totp = pyotp.TOTP(found.group(1).replace(" ", ""))
        tab.page.get_by_label("Code à six chiffres").fill(totp.now())
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url(f"{tab.served.address}/compte")
        assert "En service depuis" in tab.page.content()
        tab.press("Se déconnecter")
        tab.goto("/connexion")
        tab.page.keyboard.press("Tab")
        assert tab.page.locator(":focus").inner_text() == "Aller au contenu"
        tab.page.get_by_label("Adresse électronique").focus()
        tab.page.keyboard.type("sans-script@caf.example")
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.type(PASSWORD)
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/confirmation**")
        assert not tab.page.get_by_role("button", name="Confirmer avec une clé d'accès").is_visible()
        tab.page.get_by_label("Code à usage unique").fill(totp.at(int(time.time()) + 30))  # each code serves once
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url(f"{tab.served.address}/")
        assert "Ce qui vous attend" in tab.page.inner_text("main")


def test_a_refused_form_takes_the_focus_to_what_is_wrong(tab: Tab) -> None:
    tab.goto("/connexion")
    tab.page.get_by_label("Adresse électronique").fill("inconnu@caf.example")
    tab.page.get_by_label("Mot de passe").fill("faux")
    tab.press("Se connecter")
    assert tab.page.locator(":focus").get_attribute("id") == "erreurs"
    assert "Adresse ou mot de passe incorrect." in tab.page.inner_text("#erreurs")


def test_an_administrator_invites_from_the_page(tab: Tab) -> None:
    tab.take(CAF, "administrator")
    tab.goto("/comptes")
    section = tab.page.locator("section", has=tab.page.get_by_role("heading", name="Inviter une personne"))
    section.get_by_label("Adresse électronique").fill("invitee@caf.example")
    section.get_by_label("Demandeur").check()
    section.get_by_role("button", name="Préparer l'invitation").click()
    link = tab.page.locator(".link-text").inner_text()
    assert link.startswith(f"{tab.served.address}/invitation/")


def test_a_form_of_another_site_changes_nothing(tab: Tab) -> None:
    """A real page of another origin posts to the service with the victim's cookies."""
    tab.take(CAF, "requester")
    page = f"""<form id=f method=post action="{tab.served.address}/deconnexion"></form>
    <script>document.getElementById("f").submit()</script>""".encode()

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    evil = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    threading.Thread(target=evil.serve_forever, daemon=True).start()
    try:
        tab.page.goto(f"http://127.0.0.1:{evil.server_port}/")
        tab.page.wait_for_url("**/deconnexion")
        assert "ne vient pas d'une page de ce service" in tab.page.content()
    finally:
        evil.shutdown()
        evil.server_close()
    tab.wrong.clear()  # the other site's own page is elsewhere, by construction
    tab.goto("/")
    assert "Vos fonctions" in tab.page.content()
