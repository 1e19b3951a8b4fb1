"""Every page, light and dark, from a phone to a wide screen: axe finds nothing, nothing overflows, nothing is foreign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Tab

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CAF = "caf-rhone"


def _anonymous(tab: Tab) -> None:
    """Nobody signs in."""


def _agent(tab: Tab) -> None:
    tab.take(CAF, "requester")


def _controller(tab: Tab) -> None:
    tab.take(CAF, "controller")


def _boss(tab: Tab) -> None:
    tab.take(CAF, "administrator")


def _auditor(tab: Tab) -> None:
    tab.take(CAF, "auditor")


def _pack(tab: Tab) -> None:
    _auditor(tab)
    tab.goto("/inspection")
    tab.press("Réunir les pièces")


def _refused(tab: Tab) -> None:
    tab.goto("/connexion")
    tab.page.get_by_label("Adresse électronique").fill("x@y.fr")
    tab.page.get_by_label("Mot de passe").fill("x")
    tab.press("Se connecter")


def _invitation(tab: Tab) -> None:
    tab.page.goto(tab.served.ecluse("account", "invite", "axe@caf.example", "--party", CAF, "--role", "requester"))


def _waiting(tab: Tab) -> None:
    """Signed in, the undertaking still to accept; then the link of an invitation refused."""
    _invitation(tab)
    tab.page.get_by_label("Choisissez un mot de passe").fill("court")
    tab.page.get_by_label("Le même, une seconde fois").fill("court")
    tab.page.get_by_label("J'ai lu cet engagement").check()
    tab.press("Accepter l'invitation")


def _seed(tab: Tab) -> None:
    _agent(tab)
    tab.goto("/compte")
    tab.press("Installer les codes")


def _codes(tab: Tab) -> None:
    _agent(tab)
    tab.goto("/compte")
    tab.press("Faire de nouveaux codes")


def _link(tab: Tab) -> None:
    _boss(tab)
    tab.goto("/comptes")
    section = tab.page.locator("section", has=tab.page.get_by_role("heading", name="Inviter une personne"))
    section.get_by_label("Adresse électronique").fill(
        "une.adresse.vraiment.tres.longue.pour.un.petit.ecran@caf.example"
    )
    section.get_by_label("Demandeur").check()
    section.get_by_role("button", name="Préparer l'invitation").click()


def _wrong_invitation(tab: Tab) -> None:
    _boss(tab)
    tab.goto("/comptes")
    section = tab.page.locator("section", has=tab.page.get_by_role("heading", name="Inviter une personne"))
    section.get_by_label("Adresse électronique").fill("a@b")
    section.get_by_role("button", name="Préparer l'invitation").click()


def _exchange(state: str) -> Callable[[Tab], None]:
    """The exchange of the demonstration in that state, everything unfolded."""

    def prepare(tab: Tab) -> None:
        tab.take(CAF, "dpo")
        tab.goto(f"/echanges?state={state}")
        tab.page.locator(".exchanges a").first.click()
        tab.page.wait_for_url("**/echanges/*-*")
        for closed in tab.page.locator("details > summary").all():
            closed.click()

    return prepare


def _living(page: str) -> Callable[[Tab], None]:
    """A page of the exchange that has run for years, everything unfolded."""

    def prepare(tab: Tab) -> None:
        tab.take(CAF, "business_referent")
        tab.goto("/echanges?state=active")
        tab.page.locator(".exchanges a").last.click()
        tab.page.wait_for_url("**/echanges/*-*")
        tab.page.goto(tab.page.url + page)
        tab.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")

    return prepare


def _filing(step: str) -> Callable[[Tab], None]:
    """A step of a request begun from a usual one, everything unfolded."""

    def prepare(tab: Tab) -> None:
        tab.take("saint-genis-laval", "requester")
        tab.goto("/echanges/nouveau")
        tab.page.get_by_label("Quotient familial par API Particulier").check()
        tab.press("Commencer")
        tab.page.goto(tab.page.url.replace("relecture", step))
        tab.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")

    return prepare


PAGES: dict[str, tuple[Callable[[Tab], None], str | None]] = {
    "home": (_anonymous, "/"),
    "reference": (_anonymous, "/docs/api"),
    "sign-in": (_anonymous, "/connexion"),
    "sign-in refused": (_refused, None),
    "not found": (_anonymous, "/nulle-part"),
    "demonstration": (_anonymous, "/demonstration"),
    "invitation": (_invitation, None),
    "invitation refused": (_waiting, None),
    "home signed in": (_agent, "/"),
    "home of an administrator": (_boss, "/"),
    "home with work": (_controller, "/"),
    "account": (_agent, "/compte"),
    "party": (_agent, "/connexion/partie"),
    "confirmation": (_agent, "/confirmation"),
    "one-time codes": (_seed, None),
    "recovery codes": (_codes, None),
    "forbidden": (_agent, "/comptes"),
    "accounts": (_boss, "/comptes"),
    "webhooks": (_boss, "/comptes/annonces"),
    "mails": (_boss, "/courriels"),
    "mandates": (_controller, "/mandats"),
    "inspection": (_auditor, "/inspection"),
    "inspection of another day": (_auditor, "/inspection?as_of=2000-01-01"),
    "inspection pack": (_pack, None),
    "exchanges": (_agent, "/echanges"),
    "no exchange": (_agent, "/echanges?state=lapsed"),
    "exchange active": (_exchange("active"), None),
    "exchange refused": (_exchange("refused"), None),
    "exchange with conditions": (_exchange("approved_subject_to_conditions"), None),
    "exchange outside the procedure": (_exchange("outside_procedure"), None),
    "exchange that has lived": (_living(""), None),
    "log of flows": (_living("/envois"), None),
    "flows to log": (_living("/actes/flows"), None),
    "reviews due": (_living("/../../revues"), None),
    "existing exchange": (_agent, "/echanges/existant"),
    "exchange not found": (_agent, "/echanges/00000000-0000-4000-8000-000000000000"),
    "new request": (_agent, "/echanges/nouveau"),
    "request data": (_filing("donnees"), None),
    "request review": (_filing("relecture"), None),
    "verification": (_anonymous, "/verification"),
    "invitation made": (_link, None),
    "invitation wrong": (_wrong_invitation, None),
}
SIZES = {320: 640, 1280: 800, 1920: 1080}
PAIRS = ((320, "light"), (1280, "dark"))
"""Each size and each scheme once a page; `make soak` takes them all."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_on_a_phone_and_on_a_desk(opened: Callable[..., Any], name: str) -> None:
    for width, colours in PAIRS:
        _look(opened, name, width, colours)


@pytest.mark.soak
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_a_page_is_accessible_everywhere(opened: Callable[..., Any], name: str, width: int, colours: str) -> None:
    _look(opened, name, width, colours)


def _look(opened: Callable[..., Any], name: str, width: int, colours: str) -> None:
    prepare, path = PAGES[name]
    with opened(color_scheme=colours, viewport={"width": width, "height": SIZES[width]}) as tab:
        prepare(tab)
        if path is not None:
            tab.goto(path)
        assert faults(tab) == []
        wide = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        assert tab.wrong == []


def faults(tab: Tab) -> list[str]:
    tab.page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": RULES}}
    found = tab.page.evaluate("options => axe.run(document, options)", options)
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]


def test_axe_finds_the_faults_of_a_bad_page(tab: Tab) -> None:
    tab.goto("/connexion")
    tab.page.evaluate("document.querySelector('label').remove(); document.documentElement.removeAttribute('lang')")
    assert {fault.split(":")[0] for fault in faults(tab)} >= {"label", "html-has-lang"}


def test_english_is_complete_on_screen(opened: Callable[..., Any]) -> None:
    with opened() as tab:
        tab.goto("/connexion?lang=en")
        assert tab.page.locator("html").get_attribute("lang") == "en"
        assert "Sign in" in tab.page.inner_text("h1")
        assert faults(tab) == []
