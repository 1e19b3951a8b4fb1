"""One record as a sheet of the CNIL's simplified register (its third sheet), with our complements below it.

Rows stand where the CNIL puts them; a list longer than the template gets further rows under the same label. What the
template has no cell for stands to the right of it or in sections after its last one, so that nothing is lost:
`registry.imports.fiche` reads the record back.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from babel import Locale

from registry.exports.cnil import labels as wording
from registry.exports.cnil.book import Cell, Row
from registry.exports.heading import REDACTED
from registry.exports.table import STATUSES
from registry.processing.fields import title_of
from schemas import enumeration, label, vocabulary

Document = Mapping[str, Any]

WIDTHS = (44, 28, 22, 22, 28, 18, 18, 28, 28, 28)
_EMPTY: Row = ()


def fiche(line: Document | None) -> Iterator[Row]:
    """The rows of a line of the register, its record in normal form; of the empty template without one."""
    record = line["record"] if line else {}
    more = record.get("supplement", {})
    hidden = frozenset(line.get("redacted", ())) if line else frozenset()
    yield [Cell(record.get("title") or "Modèle de fiche de registre", "title", columns=8)]
    yield _EMPTY
    yield from _description(record)
    yield from _actors(record)
    yield from _purposes(record.get("purposes", []))
    yield from _categories(record.get("categories_of_personal_data", []))
    yield from _subjects(record.get("categories_of_data_subjects", []))
    yield from _recipients(record.get("categories_of_recipients", []))
    yield from _measures(record.get("security_measures", []), hidden="security_measures" in hidden)
    yield from _transfers(record.get("transfers", []))
    yield from _supplement(more)
    yield from _limits(record.get("time_limits_for_erasure", []))
    yield from _processors(more.get("processors", []))
    if line:
        yield from _about(line)


def _section(title: str, *headers: Cell | None) -> Row:
    return [Cell(title, "section"), *headers]


def _header(text: str, columns: int = 1) -> list[Cell | None]:
    return [Cell(text, "header", columns=columns), *[None] * (columns - 1)]


def _labelled(text: str, *cells: Cell | None) -> Row:
    return [Cell(text, "label"), *cells]


def _wide(value: Any, columns: int, choice: str | None = None) -> list[Cell | None]:
    return [Cell(value, columns=columns, choice=choice), *[None] * (columns - 1)]


def _padded(items: list[Any], rows: int) -> list[Any]:
    return [*items, *[{}] * (rows - len(items))]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _named(name: str, value: str | None) -> str | None:
    return label(name, value) if value else None


@cache
def cnil_labels(name: str) -> dict[str, str]:
    """The CNIL's own wording for each id of an enumeration, ours where it has none."""
    described = vocabulary()["enumerations"][name]
    return {key: item.get("cnil_label") or item["label"] for key, item in described.items()}


@cache
def countries() -> dict[str, str]:
    """French names of countries by ISO 3166-1 code."""
    names = Locale("fr").territories
    return {code: str(name) for code, name in names.items() if len(code) == 2 and code.isalpha()}


def _description(record: Document) -> Iterator[Row]:
    yield _section(wording.DESCRIPTION)
    for text, value in (
        (wording.NAME, record.get("title")),
        (wording.REFERENCE, record.get("record_reference")),
        (wording.CREATED, _day(record.get("created_on"))),
        (wording.UPDATED, _day(record.get("updated_on"))),
    ):
        yield _labelled(text, *_wide(value, 7))
    yield _EMPTY


def _contact(contact: Document) -> list[Cell | None]:
    return [*(Cell(contact.get(key)) for key in wording.ACTOR_KEYS), Cell(contact.get("contact_details"))]


def _actors(record: Document) -> Iterator[Row]:
    yield _section(wording.ACTORS, *(Cell(text, "header") for text in (*wording.ACTOR_COLUMNS, wording.OTHER_DETAILS)))
    for text, key in wording.ACTOR_ROWS.items():
        found = record.get(key, {})
        for contact in found or [{}] if isinstance(found, list) else [found]:
            yield _labelled(text, *_contact(contact))
    yield _EMPTY


def _purposes(purposes: list[str]) -> Iterator[Row]:
    yield _section(wording.PURPOSES)
    others = purposes[1:]
    yield _labelled(wording.MAIN_PURPOSE, *_wide(purposes[0] if purposes else None, 7))
    for number in range(max(len(others), wording.SUB_PURPOSES)):
        value = others[number] if number < len(others) else None
        yield _labelled(f"{wording.SUB_PURPOSE} {number + 1}", *_wide(value, 7))
    yield _EMPTY


def _categories(items: list[Document]) -> Iterator[Row]:
    """Ordinary data, then sensitive data; categories that the template lacks come last of the ordinary ones."""
    described = vocabulary()["enumerations"]["cnil_category"]
    sensitive = [key for key in enumeration("cnil_category") if described[key].get("sensitive")]
    rest = [key for key in enumeration("cnil_category") if key not in sensitive]
    for title, keys in ((wording.CATEGORIES, [*rest, None]), (wording.SENSITIVE, sensitive)):
        yield _section(title, *_header(wording.CATEGORY_COLUMNS[0], 3), *_header(wording.CATEGORY_COLUMNS[1], 4))
        for key in keys:
            yield from _category(key, [item for item in items if item.get("category") == key])
        yield _EMPTY


def _category(key: str | None, items: list[Document]) -> Iterator[Row]:
    in_template = key is not None and vocabulary()["enumerations"]["cnil_category"][key].get("cnil_row")
    text = cnil_labels("cnil_category")[key] if key is not None else wording.OTHER_CATEGORY
    for item in items:
        description = item.get("description", wording.NO_DESCRIPTION)
        yield _labelled(text, *_wide(description, 3), *_wide(item.get("retention"), 4))
    if in_template and not items:
        yield _labelled(text, *_wide(None, 3), *_wide(None, 4))


def _subjects(subjects: list[str]) -> Iterator[Row]:
    yield _section(wording.SUBJECTS, *_header("Description", 3), *_header("Précisions", 4))
    listed = cnil_labels("cnil_data_subject_category").values()
    for number, text in enumerate(_padded(list(subjects), wording.SUBJECT_ROWS), 1):
        known = text in listed and text != wording.OTHERS
        kind, details = (text, None) if known else (wording.OTHERS, text) if text else (None, None)
        yield _labelled(f"{wording.SUBJECT} {number}", *_wide(kind, 3, "subjects"), *_wide(details, 4))
    yield _EMPTY


def _recipients(items: list[Document]) -> Iterator[Row]:
    kinds, columns = cnil_labels("recipient_kind"), wording.RECIPIENT_COLUMNS
    more = (Cell(wording.EXACT_TYPE, "header"), Cell(wording.MORE_DETAILS, "header"))
    yield _section(wording.RECIPIENTS, *_header(columns[0], 3), *_header(columns[1], 4), *more)
    for number, item in enumerate(_padded(items, wording.RECIPIENT_ROWS), 1):
        kind = kinds.get(item.get("type", ""))
        exact, details = Cell(_named("recipient_kind", item.get("type"))), Cell(item.get("details"))
        shown = (*_wide(kind, 3, "recipients"), *_wide(item.get("name"), 4), exact, details)
        yield _labelled(f"{wording.RECIPIENT} {number}", *shown)
    yield _EMPTY


def _measures(items: list[Document], *, hidden: bool) -> Iterator[Row]:
    kinds, columns = cnil_labels("security_measure"), wording.MEASURE_COLUMNS
    yield _section(wording.MEASURES, *_header(columns[0], 3), *_header(columns[1], 4))
    if hidden:
        yield _labelled(f"{wording.MEASURE} 1", *_wide(REDACTED, 7))
        items = [{}]
    for number, item in enumerate(_padded(items, wording.MEASURE_ROWS), 1):
        if number > int(hidden):
            kind = kinds.get(item.get("kind", ""))
            yield _labelled(f"{wording.MEASURE} {number}", *_wide(kind, 3, "measures"), *_wide(item.get("details"), 4))
    yield _EMPTY


def _transfers(items: list[Document]) -> Iterator[Row]:
    """Several of our safeguards are « Pays adéquat » for the CNIL: those that are not alone keep their own label."""
    columns, wordings = wording.TRANSFER_COLUMNS, cnil_labels("safeguard")
    headers = (Cell(columns[0], "header"), Cell(columns[1], "header"), *_header(columns[2], 2), *_header(columns[3], 3))
    yield _section(wording.TRANSFERS, *headers)
    for number, item in enumerate(_padded(items, wording.TRANSFER_ROWS), 1):
        own = _named("safeguard", item.get("safeguard"))
        known = list(wordings.values()).count(wordings.get(item.get("safeguard", ""), "")) == 1
        safeguard = wordings[item["safeguard"]] if known else own
        country = item.get("country")
        yield _labelled(
            f"{wording.TRANSFER} {number}",
            Cell(item.get("recipient")),
            Cell(countries().get(country, country) if country else None, choice="countries"),
            *_wide(safeguard, 2, "safeguards"),
            *_wide(item.get("documentation"), 3),
        )
    yield _EMPTY


def _supplement(more: Document) -> Iterator[Row]:
    basis, dpia, opinion = (more.get(key, {}) for key in ("legal_basis", "dpia", "dpo_opinion"))
    yield _section(wording.SUPPLEMENT)
    yield _labelled(wording.BASIS, *_wide(_named("article_6", basis.get("article_6")), 7))
    for text in basis.get("texts") or [None]:
        yield _labelled(wording.TEXT, *_wide(text, 7))
    yield _labelled(wording.SOURCE, *_wide(more.get("data_source"), 7))
    yield _labelled(wording.RIGHTS, *_wide(more.get("data_subject_rights"), 7))
    yield _labelled(
        wording.DPIA, *_wide(_named("dpia_status", dpia.get("status")), 3), *_wide(dpia.get("reference"), 4)
    )
    value = _named("opinion_value", opinion.get("value"))
    yield _labelled(wording.OPINION, *_wide(value, 3), *_wide(_day(opinion.get("signed_on")), 4))
    yield _labelled(wording.AUTOMATED, *_wide(more.get("automated_decision"), 7))
    yield _labelled(wording.REVIEW, *_wide(_day(more.get("next_review_on")), 7))
    yield _EMPTY


def _limits(items: list[Document]) -> Iterator[Row]:
    yield _section(wording.LIMITS, *(Cell(text, "header") for text in wording.LIMIT_COLUMNS))
    for number, item in enumerate(items or [{}], 1):
        values = (*(item.get(key) for key in ("category", "months", "criterion", "starts_at")),)
        outcome = _named("final_outcome", item.get("final_outcome"))
        yield _labelled(f"{wording.LIMIT} {number}", *(Cell(value) for value in (*values, outcome)))
    yield _EMPTY


def _processors(items: list[Document]) -> Iterator[Row]:
    columns = (*wording.ACTOR_COLUMNS, wording.OTHER_DETAILS, wording.TASK, wording.CONTRACT)
    yield _section(wording.PROCESSORS, *(Cell(text, "header") for text in columns))
    for number, item in enumerate(items or [{}], 1):
        more = (Cell(item.get("task")), Cell(item.get("contract")))
        yield _labelled(f"{wording.PROCESSOR} {number}", *_contact(item), *more)
    yield _EMPTY


def _about(line: Document) -> Iterator[Row]:
    yield _section(wording.ABOUT)
    yield _labelled(wording.STATUS, *_wide(STATUSES[line["status"]], 7))
    lacks = "\n".join(title_of(line["kind"], key) for key in line["missing"])
    yield _labelled(wording.LACKS, *_wide(lacks or None, 7))
