"""Exchanges read in a browser: without JavaScript, by keyboard, with files that download."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from registry.ledger.receipts import parse_receipt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.conftest import Tab

CAF = "caf-rhone"


def _active(tab: Tab) -> None:
    """The active exchange of the demonstration, from the home page, without a mouse."""
    tab.take(CAF, "auditor")
    tab.page.get_by_role("link", name="Tous les échanges de votre partie").focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url("**/echanges")
    tab.page.get_by_label("État").select_option("active")
    tab.page.get_by_label("État").press("Tab")
    tab.page.get_by_role("button", name="Filtrer").focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url("**state=active**")
    assert tab.page.get_by_label("État").input_value() == "active"
    tab.page.locator(".exchanges a").first.focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url("**/echanges/*-*")


def test_an_auditor_reads_an_exchange_and_downloads_its_proofs_without_javascript(
    opened: Callable[..., Any], tmp_path: Path
) -> None:
    with opened(java_script_enabled=False) as tab:
        _active(tab)
        assert tab.page.locator(".path .done").count() == 6
        hidden = tab.page.get_by_text("Mission d'intérêt public")
        assert not hidden.is_visible()
        tab.page.get_by_text("Voie d'échange, fondements et protections").focus()
        tab.page.keyboard.press("Enter")
        assert hidden.is_visible()
        tab.page.locator(".timeline .published").first.wait_for()
        for link, name in (("Reçu Échange mis en œuvre", "a.tlog-proof"), ("Télécharger le dossier", "a.zip")):
            with tab.page.expect_download() as download:
                tab.page.get_by_role("link", name=link).first.click()
            assert download.value.suggested_filename.endswith(name.removeprefix("a"))
            download.value.save_as(tmp_path / name)
        assert parse_receipt((tmp_path / "a.tlog-proof").read_bytes()).extra
        assert "manifest.json" in zipfile.ZipFile(tmp_path / "a.zip").namelist()
        tab.page.get_by_role("link", name="Comment vérifier").click()
        tab.page.wait_for_url("**/verification")
        assert tab.wrong == []


def test_a_card_of_the_list_is_one_link_wherever_it_is_clicked(tab: Tab) -> None:
    tab.take(CAF, "auditor")
    tab.goto("/echanges")
    card = tab.page.locator(".exchanges li").first
    card.click(position={"x": 10, "y": 10})
    tab.page.wait_for_url("**/echanges/*-*")
    tab.page.get_by_role("link", name="Où en est l'échange").click()
    assert tab.path().endswith("#ou")
