"""A sheet of the CNIL's simplified register, ours or filled by hand by others, read into a record.

Sections and rows are found by their labels, whatever rows were inserted; white space, case, apostrophes and merged
cells do not matter. What the template has no place for is `silent`, unless the sheet holds our own sections.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.exports.cnil import labels as wording
from registry.exports.heading import REDACTED
from registry.imports.draft import Draft
from registry.imports.items import Problem, Reading
from registry.imports.sheets import Sheet
from registry.imports.values import Unknown, country, day, known, number, one_of, plain

_OURS = (wording.SUPPLEMENT, wording.LIMITS, wording.PROCESSORS)
_SILENT = ("supplement", "time_limits_for_erasure")
_TICKS = {"oui", "x", "✓", "✔"}
_BY_TITLE = {plain(title): title for title in wording.SECTIONS}
_ANNULLED = {"privacy shield", "bouclier de protection des donnees"}


@dataclass(frozen=True)
class _Row:
    """A row of a section: its number from 0, and its label as it is compared."""

    number: int
    label: str


def is_fiche(sheet: Sheet) -> bool:
    """Whether the sheet describes an activity, in the CNIL's structure."""
    found = {plain(row[0]) for row in sheet.rows if row}
    return plain(wording.DESCRIPTION) in found and plain(wording.PURPOSES) in found


def read_fiche(sheet: Sheet, reading: Reading, *, by_hand: bool) -> None:
    """The record of a sheet, as an item of the reading; an empty template gives none."""
    sections, draft = _sections(sheet), Draft(sheet, sheet.name)
    for title, rows in sections.items():
        reader = _READERS.get(title)
        if reader is not None:
            reader(_Section(draft, rows, reading, by_hand=by_hand))
    if not draft.item.record:
        return
    if not any(section in sections for section in _OURS):
        draft.item.silent = _SILENT
    reading.refused += draft.refused
    reading.items.append(draft.item)


def _sections(sheet: Sheet) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    rows: list[_Row] = []
    for row in range(len(sheet.rows)):
        label = plain(sheet.text(row, 0))
        if label in _BY_TITLE:
            rows = found.setdefault(_BY_TITLE[label], [])
        else:
            rows.append(_Row(row, label))
    return found


@dataclass
class _Section:
    """What a section's reader works on."""

    draft: Draft
    rows: list[_Row]
    reading: Reading
    by_hand: bool

    def wide(self, row: _Row, first: int, last: int) -> tuple[int, str]:
        """The text of merged cells, columns `first` to `last`: where it stands, and the text. People also fill cells
        that were merged once: all are taken."""
        texts = [(column, self.draft.sheet.text(row.number, column)) for column in range(first, last + 1)]
        filled = [(column, text) for column, text in texts if text.strip() and text != REDACTED]
        return (filled[0][0], " ".join(text for _, text in filled)) if filled else (first, "")

    def put(self, pointer: str, row: _Row, first: int, last: int, read: Callable[[str], Any] = str.strip) -> bool:
        """Read merged cells under a pointer."""
        column, text = self.wide(row, first, last)
        return self.draft.put(pointer, row.number, column, read, text)

    def strange(self, row: _Row) -> None:
        """A filled row whose label is none of the section's: shown, and left out."""
        sheet = self.draft.sheet
        if row.label and any(text.strip() for text in sheet.rows[row.number][1:]):
            place, text = sheet.address(row.number, 0), sheet.text(row.number, 0).strip()
            self.reading.ignored.append(
                Problem(place, f"Libellé inconnu : « {text[:80]} ». La ligne n'est pas reprise.")
            )


def _fixed(section: _Section, fields: Mapping[str, tuple[str, Callable[[str], Any]]]) -> None:
    """Rows that each fill one field, the value in B to H."""
    wanted = {plain(text): field for text, field in fields.items()}
    for row in section.rows:
        if row.label in wanted:
            section.put(wanted[row.label][0], row, 1, 7, wanted[row.label][1])
        else:
            section.strange(row)


def _always(value: str) -> Callable[[str], str]:
    return lambda _text: value


def _description(section: _Section) -> None:
    _fixed(
        section,
        {
            wording.NAME: ("/title", str.strip),
            wording.REFERENCE: ("/record_reference", str.strip),
            wording.CREATED: ("/created_on", day),
            wording.UPDATED: ("/updated_on", day),
        },
    )


def _contact(section: _Section, pointer: str, row: _Row) -> None:
    for column, key in enumerate((*wording.ACTOR_KEYS, "contact_details"), 1):
        section.draft.put(f"{pointer}/{key}", row.number, column)


def _filled(section: _Section, row: _Row, last: int = 10) -> bool:
    return any(section.draft.sheet.text(row.number, column).strip() for column in range(1, last + 1))


def _actors(section: _Section) -> None:
    keys = {plain(text): key for text, key in wording.ACTOR_ROWS.items()}
    for row in section.rows:
        key = keys.get(row.label)
        if key is None:
            section.strange(row)
        elif key == "joint_controllers":
            if _filled(section, row):
                _contact(section, f"/{key}/{section.draft.count(key)}", row)
        else:
            _contact(section, f"/{key}", row)


def _purposes(section: _Section) -> None:
    for row in section.rows:
        if row.label == plain(wording.MAIN_PURPOSE) or row.label.startswith(plain(wording.SUB_PURPOSE)):
            section.put(f"/purposes/{section.draft.count('purposes')}", row, 1, 7)
        else:
            section.strange(row)


def _categories(section: _Section) -> None:
    for row in section.rows:
        category = known("cnil_category", row.label)
        if category is None and row.label != plain(wording.OTHER_CATEGORY):
            section.strange(row)
            continue
        column, description = section.wide(row, 1, 3)
        if not description and not section.wide(row, 4, 7)[1]:
            continue
        pointer = f"/categories_of_personal_data/{section.draft.count('categories_of_personal_data')}"
        if category is not None:
            section.draft.put(f"{pointer}/category", row.number, 0, _always(category))
        ticked = section.by_hand and plain(description) in _TICKS
        if not ticked and description != wording.NO_DESCRIPTION:
            section.draft.put(f"{pointer}/description", row.number, column, text=description)
        section.put(f"{pointer}/retention", row, 4, 7)


def _listed(
    section: _Section, label: str, last: int, fill: Callable[[_Section, str, _Row], None], key: str, more: int = 0
) -> None:
    """Numbered rows (« Destinataire 2 »), each an item of a list."""
    for row in section.rows:
        if not row.label.startswith(plain(label)):
            section.strange(row)
        elif section.wide(row, 1, last + more)[1]:
            fill(section, f"/{key.replace('.', '/')}/{section.draft.count(key)}", row)


def _subject(section: _Section, pointer: str, row: _Row) -> None:
    column, kind = section.wide(row, 1, 3)
    details = section.wide(row, 4, 7)[1]
    if plain(kind) == plain(wording.OTHERS) and details:
        kind = ""
    text = f"{kind.strip()} : {details.strip()}" if kind and details else kind or details
    section.draft.put(pointer, row.number, column if kind else 4, text=text)


def _recipient(section: _Section, pointer: str, row: _Row) -> None:
    """The exact type is ours; the CNIL's own types that stand for several of ours leave it open."""
    column, kind = section.wide(row, 1, 3)
    exact = section.draft.put(f"{pointer}/type", row.number, 8, one_of("recipient_kind"))
    found = None if exact else known("recipient_kind", kind)
    if found is not None:
        section.draft.put(f"{pointer}/type", row.number, column, _always(found), kind)
    named = section.put(f"{pointer}/name", row, 4, 7)
    if not exact and found is None and not section.draft.put(f"{pointer}/details", row.number, 9):
        section.draft.put(f"{pointer}/{'details' if named else 'name'}", row.number, column, text=kind)
    elif exact or found is not None:
        section.draft.put(f"{pointer}/details", row.number, 9)


def _measure(section: _Section, pointer: str, row: _Row) -> None:
    """A measure in other words than the list's is « other », its words kept."""
    column, kind = section.wide(row, 1, 3)
    details = section.wide(row, 4, 7)[1]
    found = known("security_measure", kind) if kind else None
    if kind and found is None:
        found, details = "other", f"{kind.strip()} : {details.strip()}" if details else kind
    if found is not None:
        section.draft.put(f"{pointer}/kind", row.number, column, _always(found), kind)
    section.draft.put(f"{pointer}/details", row.number, 4, text=details)


def _safeguard(text: str) -> str:
    if plain(text) in _ANNULLED:
        raise Unknown("Le « Privacy shield » a été annulé (CJUE, 16 juillet 2020) : indiquez la garantie actuelle.")
    if plain(text) == "pays adequat":
        return "adequacy_decision"
    return one_of("safeguard")(text)


def _transfer(section: _Section, pointer: str, row: _Row) -> None:
    section.draft.put(f"{pointer}/recipient", row.number, 1)
    section.draft.put(f"{pointer}/country", row.number, 2, country)
    section.put(f"{pointer}/safeguard", row, 3, 4, _safeguard)
    section.put(f"{pointer}/documentation", row, 5, 7)


def _supplement(section: _Section) -> None:
    fixed: dict[str, tuple[str, Callable[[str], Any]]] = {
        wording.BASIS: ("/supplement/legal_basis/article_6", one_of("article_6")),
        wording.SOURCE: ("/supplement/data_source", str.strip),
        wording.RIGHTS: ("/supplement/data_subject_rights", str.strip),
        wording.AUTOMATED: ("/supplement/automated_decision", str.strip),
        wording.REVIEW: ("/supplement/next_review_on", day),
    }
    halves: dict[str, tuple[str, Callable[[str], Any], str, Callable[[str], Any]]] = {
        wording.DPIA: ("/supplement/dpia/status", one_of("dpia_status"), "/supplement/dpia/reference", str.strip),
        wording.OPINION: (
            "/supplement/dpo_opinion/value", one_of("opinion_value"), "/supplement/dpo_opinion/signed_on", day,
        ),
    }  # fmt: skip
    by_label = {plain(text): halves[text] for text in halves}
    rest = [row for row in section.rows if row.label not in by_label and row.label != plain(wording.TEXT)]
    for row in section.rows:
        if row.label in by_label:
            left, read_left, right, read_right = by_label[row.label]
            section.put(left, row, 1, 3, read_left)
            section.put(right, row, 4, 7, read_right)
        elif row.label == plain(wording.TEXT):
            texts = "supplement.legal_basis.texts"
            section.put(f"/{texts.replace('.', '/')}/{section.draft.count(texts)}", row, 1, 7)
    _fixed(_Section(section.draft, rest, section.reading, by_hand=section.by_hand), fixed)


def _limit(section: _Section, pointer: str, row: _Row) -> None:
    readers: Iterable[tuple[str, Callable[[str], Any]]] = (
        ("category", str.strip), ("months", number), ("criterion", str.strip), ("starts_at", str.strip),
        ("final_outcome", one_of("final_outcome")),
    )  # fmt: skip
    for column, (key, read) in enumerate(readers, 1):
        section.draft.put(f"{pointer}/{key}", row.number, column, read)


def _processor(section: _Section, pointer: str, row: _Row) -> None:
    _contact(section, pointer, row)
    section.draft.put(f"{pointer}/task", row.number, 9)
    section.draft.put(f"{pointer}/contract", row.number, 10)


_READERS: dict[str, Callable[[_Section], None]] = {
    wording.DESCRIPTION: _description,
    wording.ACTORS: _actors,
    wording.PURPOSES: _purposes,
    wording.CATEGORIES: _categories,
    wording.SENSITIVE: _categories,
    wording.SUBJECTS: lambda s: _listed(s, wording.SUBJECT, 7, _subject, "categories_of_data_subjects"),
    wording.RECIPIENTS: lambda s: _listed(s, wording.RECIPIENT, 7, _recipient, "categories_of_recipients", 2),
    wording.MEASURES: lambda s: _listed(s, wording.MEASURE, 7, _measure, "security_measures"),
    wording.TRANSFERS: lambda s: _listed(s, wording.TRANSFER, 7, _transfer, "transfers"),
    wording.SUPPLEMENT: _supplement,
    wording.LIMITS: lambda s: _listed(s, wording.LIMIT, 5, _limit, "time_limits_for_erasure"),
    wording.PROCESSORS: lambda s: _listed(s, wording.PROCESSOR, 10, _processor, "supplement.processors"),
}
