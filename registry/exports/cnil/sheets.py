"""The other sheets of the CNIL's simplified register: tutorial, list of activities, lists."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from registry.exports.cnil import labels as wording
from registry.exports.cnil.book import Cell, Choice, Row
from registry.exports.cnil.fiche import cnil_labels, countries
from registry.exports.heading import Heading
from registry.exports.table import STATUSES
from registry.processing.differences import french_day
from registry.processing.fields import title_of
from registry.processing.lines import PROTECTED
from schemas import label, vocabulary

Document = Mapping[str, Any]

LIST_WIDTHS = (72, 20, 24, 24, 20, 20, 24, 24, 20, 16)
_IDENTITY = ("Nom : ", "Prénom : ", "Adresse : ", "Adresse mél : ")
_PLACE = ("Code postal : ", "Ville : ", "Téléphone : ")
_EXTERNAL = ("Nom : ", "Prénom : ", "Société (si DPO externe) : ", "Adresse : ")
_EXTERNAL_PLACE = (*_PLACE, "Adresse mél : ")

_TUTORIAL = f"""\
La feuille « {wording.LIST} » énumère les activités de traitement, une par ligne.
Chaque activité a ensuite sa fiche, sur le modèle de la feuille « {wording.TEMPLATE} ».
Au-delà de deux cents activités, elles sont réunies dans la feuille « {wording.TABLE} », une par ligne.
Les sections placées sous « {wording.TRANSFERS} » ne figurent pas dans le modèle de la CNIL.
La feuille « {wording.MANIFEST} » permet de vérifier qu'aucune fiche n'a été modifiée depuis l'export.""".splitlines()


def tutorial(heading: Heading) -> Iterator[Row]:
    """What this file is, in a few sentences."""
    yield [Cell(heading.title, "title")]
    yield [Cell(f"Registre tel qu'il était à la fin du {french_day(heading.as_of)}.")]
    yield [Cell(scope(heading))]
    yield ()
    for sentence in _TUTORIAL:
        yield [Cell(sentence)]


def scope(heading: Heading) -> str:
    """Whether the export is complete, and what it leaves out."""
    sentences = []
    if heading.audience == "public":
        hidden = ", ".join(title_of(heading.kind, key).lower() for key in PROTECTED[heading.kind])
        sentences.append(
            f"Version publique : ne sont pas communiqués, au titre des secrets protégés par la loi : {hidden}."
        )
    if heading.filters:
        named = " ; ".join(f"{name} = {value}" for name, value in heading.filters.items())
        sentences.append(f"Extrait du registre, selon ces critères : {named}.")
    return " ".join(sentences) or "Registre complet."


def activities(heading: Heading, lines: Iterable[Document], *, merged: bool) -> Iterator[Row]:
    """Sheet 2: who keeps the register, then one row per activity from row 10; `merged` as in the template, which long
    lists do without (a writer must remember every merged cell)."""
    controller, officer = heading.controller, heading.officer
    yield _who(
        wording.ORGANISATION,
        _IDENTITY,
        (controller.get("name"), None, controller.get("address"), controller.get("email")),
    )
    yield _place(_PLACE, (controller.get("postal_code"), controller.get("city"), controller.get("telephone")))
    yield _who(wording.REPRESENTATIVE_OF, _IDENTITY, (None,) * 4)
    yield _place(_PLACE, (None,) * 3)
    yield _who(wording.OFFICER_OF, _EXTERNAL, (officer.get("name"), None, None, officer.get("address")))
    yield _place(_EXTERNAL_PLACE, (*(officer.get(key) for key in ("postal_code", "city", "telephone", "email")),))
    yield [
        *_group("Identification du traitement", 4), *_group("Finalité du traitement", 3),
        *_group("Données sensibles ?", 2),
    ]  # fmt: skip
    names = ("Nom du traitement", "N° / RÉF", "Date de création de la fiche", "Dernière mise à jour de la fiche")
    yield [*(Cell(name, "header") for name in names), *_group("", 3), *_group("Oui/non", 2), Cell("Statut", "header")]
    example = ("Exemple : inscriptions scolaires", "T-000", None, None)
    yield [*(Cell(text, "note") for text in example), *_span("Inscrire les enfants à l'école", 3, "note"),
           *_span("Non", 2, "note")]  # fmt: skip
    for line in lines:
        yield _activity(line, merged=merged)


def _activity(line: Document, *, merged: bool) -> Row:
    record = line["record"]
    sensitive = any(
        vocabulary()["enumerations"]["cnil_category"][item["category"]].get("sensitive")
        for item in record.get("categories_of_personal_data", [])
        if item.get("category")
    )
    days = (date.fromisoformat(record[key]) if key in record else None for key in ("created_on", "updated_on"))
    return [
        Cell(record.get("title")),
        Cell(line["reference"]),
        *(Cell(day) for day in days),
        *_placed((record.get("purposes") or [None])[0], 3, merged=merged),
        *_placed("Oui" if sensitive else "Non", 2, merged=merged),
        Cell(STATUSES[line["status"]]),
    ]


def _placed(value: Any, columns: int, *, merged: bool) -> list[Cell | None]:
    return _span(value, columns) if merged else [Cell(value), *[None] * (columns - 1)]


def _who(title: str, names: tuple[str, ...], values: tuple[Any, ...]) -> Row:
    return [Cell(title, "section", rows=2), *_pairs(names, values)]


def _place(names: tuple[str, ...], values: tuple[Any, ...]) -> Row:
    return [None, *_pairs(names, values)]


def _pairs(names: tuple[str, ...], values: tuple[Any, ...]) -> list[Cell]:
    return [cell for name, value in zip(names, values, strict=True) for cell in (Cell(name, "label"), Cell(value))]


def _group(title: str, columns: int) -> list[Cell | None]:
    return _span(title, columns, "header")


def _span(value: Any, columns: int, style: str = "text") -> list[Cell | None]:
    return [Cell(value, style, columns=columns), *[None] * (columns - 1)]


def _lists() -> list[tuple[str, str, str, list[str]]]:
    """(choice, column, title, values) of sheet 5. The CNIL's column of adequate countries predates current decisions:
    it is not reproduced."""
    safeguards = dict.fromkeys([*cnil_labels("safeguard").values(), label("safeguard", "data_privacy_framework")])
    return [
        ("safeguards", "A", "Garanties", list(safeguards)),
        ("countries", "C", "Pays/Zone", sorted(countries().values())),
        ("subjects", "F", "Catégories de personnes", list(cnil_labels("cnil_data_subject_category").values())),
        ("recipients", "H", "Destinataires", list(dict.fromkeys(cnil_labels("recipient_kind").values()))),
        ("measures", "J", "Mesures de sécurité techniques", list(cnil_labels("security_measure").values())),
    ]


def lists() -> Iterator[Row]:
    """Sheet 5: the values offered in the record's cells."""
    columns = {column: [title, *values] for _, column, title, values in _lists()}
    for number in range(max(map(len, columns.values()))):
        row: list[Cell | None] = [None] * 10
        for column, values in columns.items():
            if number < len(values):
                row[ord(column) - ord("A")] = Cell(values[number], "text" if number else "header")
        yield row


def choices() -> list[Choice]:
    """Where the values of each list stand on sheet 5."""
    return [Choice(name, wording.LISTS, column, 2, len(values) + 1) for name, column, _, values in _lists()]


def manifest(document: Document) -> Iterator[Row]:
    """The manifest: its JSON without the list of records in A2, then one record a row."""
    yield [Cell("Manifeste de l'export : ne pas modifier. Vérification : ecluse verify FICHIER.", "note")]
    yield [Cell(json.dumps({key: value for key, value in document.items() if key != "records"}, ensure_ascii=False))]
    for entered in document["records"]:
        yield [Cell(entered)]
