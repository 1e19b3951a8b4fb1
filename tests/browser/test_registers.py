"""Registers, transfers, dashboard and verification in a browser: accessible in every state, with and without scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_accessibility import SIZES, faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browser.conftest import Tab

CAF = "caf-rhone"
LONG = "Communication-interminable-de-données-" * 12


def _sound(tab: Tab, place: str) -> None:
    assert faults(tab) == [], place
    wide = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, place


def _looked(tab: Tab, *paths: str) -> None:
    for path in paths:
        tab.goto(path)
        tab.page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        _sound(tab, path)


def _first(tab: Tab, selector: str) -> str:
    return str(tab.page.locator(selector).first.get_attribute("href"))


SOAK = pytest.mark.soak
"""The other scheme of each; `make soak` takes both."""


@pytest.mark.parametrize(("width", "colours"), [(320, "dark"), pytest.param(1280, "light", marks=SOAK)])
def test_pages_of_the_register_are_accessible_in_every_state(
    opened: Callable[..., Any], tmp_path: Path, width: int, colours: str
) -> None:
    with opened(color_scheme=colours, viewport={"width": width, "height": SIZES[width]}) as tab:
        tab.take(CAF, "records_manager")
        tab.goto("/registre")
        entry = _first(tab, ".exchanges a")
        _looked(
            tab, "/registre", "/registre?kind=processor", "/registre?status=archived", "/registre/completude", entry
        )
        _looked(tab, f"{entry}/modifier", "/registre/exports", "/registre/import", "/registre/confirmations")
        one = _first(tab, "a[href^='/registre/confirmations/']")
        tab.press("Confirmer les fiches cochées")
        _sound(tab, "confirmation refused")
        _looked(tab, one)
        tab.goto("/registre/fiches/nouvelle?kind=processor")
        tab.page.get_by_label("Nom du traitement").fill("x" * 600)
        tab.page.get_by_role("button", name="Enregistrer la fiche").last.click()
        tab.page.wait_for_selector("#erreurs")
        _sound(tab, "entry refused")
        _imported(tab, tmp_path)
        tab.goto("/registre/exports")
        tab.press("Préparer l'export")
        _sound(tab, "export")
        assert tab.wrong == []


def _imported(tab: Tab, folder: Path) -> None:
    file = folder / "registre.json"
    for lines, button in (([{"kind": "controller", "record": {"title": 3}}], ""), (_lines(), "Importer")):
        file.write_text(json.dumps({"records": lines}))
        tab.goto("/registre/import")
        tab.page.get_by_label("Fichier du registre").set_input_files(file)
        tab.press("Voir ce qu'il changerait")
        _sound(tab, f"import {button}")
        if button:
            tab.press(button)
            _sound(tab, "imported")


def _lines() -> list[dict[str, Any]]:
    return [{"kind": "processor", "record": {"title": LONG}}]


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), pytest.param(320, "dark", marks=SOAK)])
def test_transfers_dashboard_and_verification_are_accessible(
    opened: Callable[..., Any], tmp_path: Path, width: int, colours: str
) -> None:
    with opened(color_scheme=colours, viewport={"width": width, "height": SIZES[width]}) as tab:
        tab.take(CAF, "auditor")
        _looked(tab, "/transferts", "/transferts?state=closed", "/tableau-de-bord", "/accessibilite", "/verification")
        _looked(tab, "/tableau-de-bord?year=2022", "/exchanges/ctg-sol-2021-2025")
        tab.goto("/verification")
        tab.page.get_by_label("Fichier à vérifier").set_input_files(_receipt(tab, tmp_path))
        tab.press("Vérifier")
        assert "Cohérent, mais comparé à rien" in tab.page.inner_text("#verdict")
        _sound(tab, "verdict")
        assert tab.wrong == []


def _receipt(tab: Tab, folder: Path) -> Path:
    page = tab.context.new_page()
    page.goto(f"{tab.served.address}/echanges?state=active")
    page.locator(".exchanges a").first.click()
    page.locator(".timeline .published").first.wait_for()
    with page.expect_download() as download:
        page.locator(".timeline .published a[download]").first.click()
    download.value.save_as(folder / "acte.tlog-proof")
    page.close()
    return folder / "acte.tlog-proof"


def test_a_dropped_file_is_chosen_and_one_works_without_scripts(opened: Callable[..., Any], tmp_path: Path) -> None:
    with opened() as tab:
        tab.goto("/verification")
        tab.page.wait_for_load_state("networkidle")
        tab.page.evaluate(
            """() => {
              const carried = new DataTransfer();
              carried.items.add(new File(["rien"], "lâché.ods"));
              const place = document.querySelector("[data-drop]");
              place.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
            }"""
        )
        assert tab.page.evaluate("document.querySelector('#file').files[0].name") == "lâché.ods"
        tab.press("Vérifier")
        assert tab.page.locator("#file-error").is_visible()
    with opened(java_script_enabled=False) as tab:
        tab.take(CAF, "records_manager")
        tab.goto("/registre/fiches/nouvelle")
        tab.page.get_by_label("Nom du traitement").fill("Sans script")
        tab.page.get_by_role("button", name="Ajouter une première ligne – Catégories de destinataires").click()
        tab.page.get_by_label("Destinataire", exact=True).fill("Commune")
        tab.page.get_by_role("button", name="Enregistrer la fiche").last.focus()
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/registre/fiches/*-*")
        assert "Sans script" in tab.page.inner_text("h1")
        assert "Commune" in tab.page.inner_text("main")
