"""Forms made from the JSON Schemas: fields to show, with what was answered and what is wrong, and the posted answers
read back into a document.

A field's name is the JSON pointer of its place without the leading slash (`data_items/0/label`), so that the pointers
of refusals and findings land beside it. A schema says everything else: `title` the label, `x-question` the plain
question in its place, `description` the help, `examples`, `x-enumeration` the French labels of ids, `x-stage` of whom
it is asked, `type` and `format` the control. A null that the schema admits is « Je ne sais pas ».

    fields = fields_of("opinion", document=answers, errors=errors_of(refusal)["errors"])
    {{ schema_fields(fields) }}                                      (templates/fields.html)
    answers = document_of("opinion", form.fields)                    then schemas.violations("opinion", answers)

Lists of objects are groups of rows. The buttons named `_add` and `_remove` send the form as it is (no JavaScript
needed): `document_of` has then added or removed the row, and a page that sees `rearranged(form.fields)` shows the form
anew with that document instead of recording it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from registry.conformity.countries import country_names
from schemas import label, vocabulary
from server.pages.acts import ENUMERATIONS
from server.pages.schema_answers import document_of, last_row, rearranged
from server.pages.schema_walk import NEW, Described, Selection, Walk, admits_null, pattern

__all__ = [
    "Errors",
    "Field",
    "Noted",
    "Option",
    "Row",
    "document_of",
    "fields_of",
    "folded",
    "last_row",
    "noted",
    "placed",
    "rearranged",
]

Errors = Mapping[str, str]
Choices = Mapping[str, Sequence[tuple[str, str]]]

_LONGEST_LINE = 100
"""A text that is longer gets several lines, whatever its schema foresees."""
_NAME = 80
"""Characters that name a row."""
_FEW = 5
"""A choice among at most so many is shown whole."""


@dataclass(frozen=True)
class Option:
    """One answer of a choice."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """One row of a group: its number among them (from 1), what it is, and its answer that names it."""

    name: str
    number: str
    title: str
    named: str
    fields: "tuple[Field, ...]"
    error: str = ""
    findings: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Field:
    """A field, or a part that holds others.

    `kind` is `text`, `long` (several lines), `lines` (a list, one answer a line), `integer`, `date`, `yes_no`, `radio`,
    `select`, `checks` (several of a choice), `section` (holds `fields`), `group` (holds `rows`; `blank` is the row that
    a script copies, its number written `number`), `folded` (holds `fields` that few need, shown at first only when
    `open`), `hidden` (carried along, unseen) or `carried` (holds hidden `fields`). `value` is what was typed, even
    wrong. `unknown` says whether « Je ne sais pas » is an answer, `none` how a list to choose from says it. `fixed`
    rows are neither added nor removed here.
    """

    name: str
    kind: str
    title: str
    help: str = ""
    example: str = ""
    value: str = ""
    options: tuple[Option, ...] = ()
    required: bool = False
    unknown: bool = True
    error: str = ""
    findings: tuple[Any, ...] = ()
    fields: "tuple[Field, ...]" = ()
    rows: tuple[Row, ...] = ()
    blank: Row | None = None
    number: str = ""
    fixed: bool = False
    focus: bool = False
    none: str = "Je ne sais pas encore"
    open: bool = False


@dataclass(frozen=True)
class Noted:
    """An error or a finding that leads to a field: where its link goes ("" when no field shows the place), the title of
    the field, and what is said."""

    anchor: str
    title: str
    message: str


def fields_of(
    schema_name: str,
    keys: Sequence[str] | None = None,
    document: Mapping[str, Any] | None = None,
    errors: Errors | None = None,
    *,
    stages: frozenset[str] | None = None,
    choices: Choices | None = None,
    findings: Sequence[Mapping[str, Any]] = (),
    focus: str = "",
) -> tuple[Field, ...]:
    """The fields of a schema, in its order or that of `keys`.

    `keys` are names of parts to show (`title`, `purposes/main`, `data_items`); `stages` keeps the answers asked of
    these (`x-stage`); what a row has beside them is carried along hidden. `choices` gives the admitted answers of
    places whose schema cannot name them, by name with `*` for a row's number (`recommendations/*/owner`): parties,
    persons, pieces. `errors` are sentences by name; `findings` are shown at each of their `pointers`. `focus` is the
    row to begin at.
    """
    maker = _Maker(schema_name, Selection.of(keys, stages), choices or {}, focus)
    shown = maker.fields(maker.walk.root, "", document or {})
    titles = _titles(shown)
    said: dict[str, str] = {}
    found: dict[str, list[Any]] = {}
    for name, message in (errors or {}).items():
        place = _nearest(name, titles)
        said[place] = f"{said[place]} {message}" if place in said else message
    for finding in findings:
        for place in dict.fromkeys(_nearest(pointer.lstrip("/"), titles) for pointer in finding["pointers"]):
            found.setdefault(place, []).append(finding)
    return tuple(_annotated(field, said, found) for field in shown)


def folded(fields: Sequence[Field], names: frozenset[str], title: str) -> tuple[Field, ...]:
    """The fields with those of these keys put together in a part that is closed while nothing in it needs a look."""
    kept = [one for one in fields if one.name.rpartition("/")[2] not in names or one.kind == "hidden"]
    less = tuple(one for one in fields if one.name.rpartition("/")[2] in names and one.kind != "hidden")
    needed = any(one.value not in {"", "false"} or one.error or one.findings for one in less)
    return (*kept, Field("", "folded", title, fields=less, open=needed)) if less else tuple(kept)


def noted(fields: Sequence[Field], errors: Errors) -> list[Noted]:
    """Each error with the field it leads to, for the summary above a form: the field of its place, else the nearest
    part that holds the place."""
    titles = _titles(fields)
    places = ((_nearest(name, titles), message) for name, message in errors.items())
    return [Noted(place, titles.get(place, ""), message) for place, message in places]


def placed(fields: Sequence[Field], finding: Mapping[str, Any]) -> bool:
    """Whether a field shows a finding; else the page has to."""
    titles = _titles(fields)
    return any(_nearest(pointer.lstrip("/"), titles) for pointer in finding["pointers"])


def _nearest(place: str, titles: Mapping[str, str]) -> str:
    """The place itself when a field shows it, else the nearest part around it that is shown, "" without any."""
    while place and place not in titles:
        place = place.rpartition("/")[0]
    return place


def _annotated(field: Field, errors: Errors, findings: Mapping[str, Sequence[Any]]) -> Field:
    """A field, and what it holds, with what is said of each place."""
    return replace(
        field,
        error=errors.get(field.name, ""),
        findings=tuple(findings.get(field.name, ())),
        fields=tuple(_annotated(below, errors, findings) for below in field.fields),
        rows=tuple(
            replace(
                row,
                error=errors.get(row.name, ""),
                findings=tuple(findings.get(row.name, ())),
                fields=tuple(_annotated(below, errors, findings) for below in row.fields),
            )
            for row in field.rows
        ),
    )


def _titles(fields: Sequence[Field]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in fields:
        if field.kind not in {"hidden", "folded", "carried"}:
            found[field.name] = field.title
        found |= _titles(field.fields)
        for row in field.rows:
            found[row.name] = titled = f"{row.title} {row.number}"
            found |= {name: f"{titled}, {title}" for name, title in _titles(row.fields).items()}
    return found


class _Maker:
    """Makes the fields of one schema."""

    def __init__(self, name: str, selection: Selection, choices: Choices, focus: str) -> None:
        self.walk = Walk(name)
        self._name, self._selection, self._choices, self._focus = name, selection, choices, focus

    def fields(self, described: Described, place: str, value: Any, *, row: bool = False) -> list[Field]:
        """The fields of an object. A row carries along, hidden, what is not asked of it."""
        answers = value if isinstance(value, Mapping) else {}
        required = described.get("required", [])
        found: list[Field] = []
        for key, part in self._selection.ordered(self.walk.properties(described), place):
            name = f"{place}/{key}" if place else key
            made = None
            if self._selection.holds(name):
                made = self._field(part, name, answers.get(key), required=key in required, row=row)
            if made is not None:
                found.append(made)
            elif row:
                found += self._hidden(part, name, answers.get(key))
        return found

    def _field(self, part: Described, name: str, value: Any, *, required: bool, row: bool) -> Field | None:
        kind, title = self.walk.kind(part), str(part.get("x-question") or part.get("title", ""))
        unknown = admits_null(part)
        needed = required and not unknown  # a key that must be there, even to say that one does not know
        made = Field(name, kind, title, _help(part), _example(part), required=needed, unknown=unknown)
        if kind == "section":
            fields = tuple(self.fields(part, name, value, row=row))
            return replace(made, fields=fields) if any(one.kind != "hidden" for one in fields) else None
        if kind == "group":
            return self._group(made, part, value)
        if not kind or not self._selection.asks(part):
            return None
        options = self._options(part, name)
        if kind == "lines":
            return self._list(made, part, value, options)
        return _typed(made, value) if options is None else _choice(made, options, value, few=not row)

    def _list(self, made: Field, part: Described, value: Any, options: list[tuple[str, str]] | None) -> Field:
        items, described = value if isinstance(value, list) else [], self.walk.items(part)
        if options is not None:
            options = _with_others(options, items)
            return replace(made, kind="checks", options=tuple(Option(i, t, i in items) for i, t in options))
        if any("\n" in str(one) for one in items):
            title = str(described.get("title", made.title))
            rows = [(f"{made.name}/{n}", n + 1, one) for n, one in enumerate(items)]
            return replace(made, kind="group", fixed=True, rows=tuple(
                Row(name, str(n), title, "", (Field(name, "long", title, value=str(one)),)) for name, n, one in rows
            ))  # fmt: skip
        return replace(made, value="\n".join(map(str, items)), example=made.example or _example(described))

    def _group(self, made: Field, part: Described, value: Any) -> Field | None:
        fixed, described = not self._selection.asks(part), self.walk.items(part)
        items = value if isinstance(value, list) else []
        rows = tuple(self._row(described, f"{made.name}/{n}", str(n + 1), one) for n, one in enumerate(items))
        if fixed and not any(one.kind != "hidden" for row in rows for one in row.fields):
            return None
        number = f"{NEW}{made.name.count('/')}"
        blank = None if fixed else self._row(described, f"{made.name}/{number}", number, {})
        return replace(made, rows=rows, fixed=fixed, number=number, blank=blank)

    def _row(self, described: Described, name: str, number: str, value: Any) -> Row:
        fields = self.fields(described, name, value, row=True)
        if name == self._focus and fields:
            fields[0] = replace(fields[0], focus=True)
        return Row(name, number, str(described.get("title", "")), _naming(described, value), tuple(fields))

    def _hidden(self, part: Described, name: str, value: Any) -> list[Field]:
        if isinstance(value, Mapping):
            parts = self.walk.properties(part)
            return [one for key, b in value.items() for one in self._hidden(parts.get(key, {}), f"{name}/{key}", b)]
        if isinstance(value, list):
            items = self.walk.items(part)
            return [one for n, below in enumerate(value) for one in self._hidden(items, f"{name}/{n}", below)]
        return [Field(name, "hidden", str(part.get("title", "")), value=as_text(value))] if value is not None else []

    def _options(self, part: Described, name: str) -> list[tuple[str, str]] | None:
        """The admitted answers of a place, None where they are free."""
        described = self.walk.items(part) if self.walk.kind(part) == "lines" else part
        given, key = self._choices.get(pattern(name)), name.rsplit("/", 1)[-1]
        if given is not None:
            return list(given)
        if key == "country":
            return country_names()
        kind = described.get("x-enumeration") or ENUMERATIONS.get((self._name, key), "")
        named = kind in vocabulary()["enumerations"]
        ids = [one for one in described.get("enum", []) if one is not None]
        return [(one, label(kind, one) if named else one) for one in ids] or None


def _typed(made: Field, value: Any) -> Field:
    """A field for something typed, or answered by yes or no."""
    text = as_text(value)
    if made.kind == "yes_no":
        answers = [("true", "Oui"), ("false", "Non")]
        return replace(
            made, value=text, options=tuple(Option(i, t, i == text) for i, t in _with_others(answers, [text]))
        )
    if made.kind == "text" and ("\n" in text or len(text) > _LONGEST_LINE):
        return replace(made, kind="long", value=text)
    return replace(made, value=text)


def _choice(made: Field, options: list[tuple[str, str]], value: Any, *, few: bool) -> Field:
    text = as_text(value)
    kind = "radio" if few and len(options) <= _FEW else "select"
    return replace(
        made,
        kind=kind,
        value=text,
        example="",
        options=tuple(Option(i, t, i == text) for i, t in _with_others(options, [text])),
    )


def _with_others(options: list[tuple[str, str]], answers: Sequence[Any]) -> list[tuple[str, str]]:
    """The options, and the answers that are none of them: nothing that was typed is lost."""
    known = {identifier for identifier, _ in options}
    return options + [(str(one), str(one)) for one in answers if one not in known and one not in {"", None}]


def as_text(value: Any) -> str:
    """An answer as a form holds it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else "" if value is None else str(value)


def _help(part: Described) -> str:
    """The description; an answer by yes or no has nothing to tick."""
    return str(part.get("description", "")).replace("Cochez si ", "Oui si ")


def _example(part: Described) -> str:
    examples = part.get("examples", [])
    return str(examples[0]) if examples else ""


def _naming(described: Described, value: Any) -> str:
    """What names a row: its first answer, an enumeration's in words."""
    first = next(iter(described.get("properties", {})), None)
    named = value.get(first) if isinstance(value, Mapping) and first else None
    if not isinstance(named, str):
        return ""
    kind = described["properties"][first].get("x-enumeration", "")
    text = label(kind, named) if named in vocabulary()["enumerations"].get(kind, {}) else named
    return text if len(text) <= _NAME else f"{text[:_NAME]}…"
