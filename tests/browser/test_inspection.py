"""The inspector at a desk: the whole screen without JavaScript, the pack saved, the table on paper."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Tab

CAF = "caf-rhone"


def test_a_pack_is_asked_followed_and_saved_without_javascript(opened: Callable[..., Any]) -> None:
    with opened(java_script_enabled=False) as tab:
        tab.take(CAF, "auditor")
        tab.page.get_by_role("link", name="Inspection", exact=True).click()
        tab.page.get_by_role("link", name="Décision", exact=True).click()
        assert tab.page.get_by_role("columnheader", name="Décision").get_attribute("aria-sort") == "ascending"
        tab.press("Réunir les pièces")
        for _ in range(100):
            if tab.page.get_by_role("heading", name="L'archive est prête").is_visible():
                break
            tab.page.wait_for_timeout(200)
            tab.page.get_by_role("link", name="Actualiser").click()
        with tab.page.expect_download() as saved:
            tab.page.get_by_role("link", name="Télécharger l'archive").click()
        with zipfile.ZipFile(saved.value.path()) as archive:
            assert any(name.endswith("/decision.pdf") for name in archive.namelist())
        tab.press("Supprimer l'archive")
        assert "L'archive a été supprimée." in tab.page.inner_text("main")
        assert tab.wrong == []


def test_data_are_saved_in_one_click(tab: Tab) -> None:
    tab.take(CAF, "auditor")
    tab.goto("/inspection")
    for name, suffix in (("tableur (CSV)", ".csv"), ("programme (JSON)", ".json")):
        with tab.page.expect_download() as saved:
            tab.page.get_by_role("link", name=name).click()
        assert saved.value.suggested_filename.startswith(f"inspection-{CAF}-")
        assert saved.value.suggested_filename.endswith(suffix)


def test_on_paper_every_column_is_inside_the_page(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 1047, "height": 718})  # A4 landscape less its margins, at 96 px an inch
    tab.take(CAF, "auditor")
    tab.goto("/inspection")
    tab.page.emulate_media(media="print")
    assert tab.page.get_by_role("columnheader").count() == 15
    wide = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert not tab.page.get_by_role("button", name="Réunir les pièces").is_visible()
