"""A request filed in a real browser: by keyboard with what the checks say as one types, on a phone, without a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.browser.test_accessibility import faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Tab

TOWN = "saint-genis-laval"
CONTINUE = "Enregistrer et continuer"


def _checked(tab: Tab) -> None:
    """Nothing for axe to find, nothing that overflows, everything unfolded."""
    tab.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    assert faults(tab) == []
    assert tab.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _type(tab: Tab, label: str, text: str) -> None:
    """Reach a field as a keyboard does, and write."""
    field = tab.page.get_by_label(label, exact=True).first
    field.focus()
    tab.page.keyboard.press("ControlOrMeta+a")
    tab.page.keyboard.type(text)


def _enter(tab: Tab, name: str) -> None:
    """A button by keyboard, and the page that follows."""
    tab.page.get_by_role("button", name=re.compile(f"^{name}")).last.focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_load_state()


def _here(tab: Tab, step: str) -> None:
    tab.page.wait_for_url(f"**/demande/{step}*")


def test_an_agent_files_by_keyboard_and_sees_what_the_checks_say_while_typing(opened: Callable[..., Any]) -> None:
    with opened(viewport={"width": 1280, "height": 800}) as tab:
        tab.take(TOWN, "requester")
        tab.goto("/echanges")
        tab.page.get_by_role("link", name="Nouvelle demande").focus()
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/nouveau")
        tab.page.get_by_label("Qui détient les données ?").select_option("caf-rhone")
        _enter(tab, "Commencer")
        _here(tab, "echange")
        _type(tab, "Intitulé", "Restauration scolaire : tarif selon le quotient")
        tab.page.keyboard.press("Enter")  # in a line of text, the key saves and goes on
        _look_again(tab, "echange", "usage")
        _type(tab, "À quoi serviront-elles ?", "Mieux connaître les familles")
        tab.page.locator('[data-notes="purposes/main"]', has_text="FIN-02").wait_for()
        _type(tab, "À quoi serviront-elles ?", "Calculer le tarif de la cantine à l'inscription de l'enfant")
        tab.page.locator('[data-notes="purposes/main"]:empty').wait_for(state="attached")
        tab.page.get_by_label("Oui : nom, adresse").focus()
        tab.page.keyboard.press("Space")
        _enter(tab, CONTINUE)
        _look_again(tab, "usage", "donnees")
        _rows(tab)
        _enter(tab, CONTINUE)
        _look_again(tab, "donnees", "personnes")
        tab.page.get_by_role("button", name="Relecture et dépôt").focus()
        tab.page.keyboard.press("Enter")
        _here(tab, "relecture")
        assert "Quotient familial" in tab.page.inner_text("main")
        _enter(tab, "Déposer la demande")
        tab.page.wait_for_url("**/recepisse")
        _checked(tab)
        assert tab.wrong == []


def _look_again(tab: Tab, step: str, following: str) -> None:
    """Past what is pointed out once the step is saved."""
    tab.page.wait_for_url(re.compile(f"demande/({following}|{step}\\?enregistre=1)"))
    if "enregistre" in tab.page.url:
        assert tab.page.get_by_text("C'est enregistré.").is_visible()
        _enter(tab, CONTINUE)
        _here(tab, following)


def _rows(tab: Tab) -> None:
    """Rows come and go by the keyboard alone, the focus with them."""
    focused = "document.activeElement.name || document.activeElement.id"
    _enter(tab, "Ajouter une première ligne")
    assert tab.page.evaluate(focused) == "data_items/0/label"
    tab.page.keyboard.type("Quotient familial du mois")
    _enter(tab, "Ajouter une première ligne")
    assert tab.page.evaluate(focused) == "data_items/1/label"
    tab.page.keyboard.type("De trop")
    legends = tab.page.locator(".group-row > legend")
    assert [text.strip() for text in legends.all_inner_texts()] == ["Donnée demandée 1", "Donnée demandée 2"]
    _enter(tab, "Retirer cette ligne")
    assert tab.page.evaluate(focused) == "data_items/0"
    assert tab.page.locator(".group-row").count() == 1


def test_a_request_is_filed_on_a_phone_without_a_script(opened: Callable[..., Any]) -> None:
    options = {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark", "java_script_enabled": False}
    with opened(**options) as tab:
        tab.take(TOWN, "requester")
        tab.goto("/echanges/nouveau")
        tab.page.get_by_label("Accès à Cdap").check()
        tab.press("Commencer")
        _here(tab, "relecture")
        tab.page.get_by_role("link", name="Modifier – Les destinataires").click()
        tab.press("Ajouter une ligne – Qui les verra ?")
        tab.page.locator(".group-row").nth(1).wait_for()
        tab.page.get_by_label("Destinataire", exact=True).last.fill("Régie")
        tab.press(CONTINUE)
        _here(tab, "duree")
        tab.press("Relecture et dépôt")
        _here(tab, "relecture")
        assert "Régie" in tab.page.inner_text("main")
        tab.press("Déposer la demande")
        tab.page.wait_for_url("**/recepisse")
        assert tab.page.get_by_role("link", name="Le reçu signé du dépôt").is_visible()
        assert tab.wrong == []
