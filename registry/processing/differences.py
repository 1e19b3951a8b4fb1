"""What changed from one version of a record to the next, in French sentences."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from registry.processing.fields import RECORD_SCHEMAS
from registry.processing.normal import normal
from schemas import label, schema

_SHOWN = 200
"""Characters of a value that a sentence quotes."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any], kind: str = "controller") -> list[str]:
    """One sentence per changed field, in the order of the record; null, absent and blank are the same."""
    return list(_object(schema(RECORD_SCHEMAS[kind]), normal(dict(before)), normal(dict(after)), ""))


def _object(described: Mapping[str, Any], before: Any, after: Any, place: str) -> Iterator[str]:
    for key, item in described["properties"].items():
        old, new = before.get(key), after.get(key)
        if old != new:
            yield from _value(item, old, new, f"{place}{item['title']}")


def _value(described: Mapping[str, Any], old: Any, new: Any, place: str) -> Iterator[str]:
    if "properties" in described:
        yield from _object(described, old or {}, new or {}, f"{place}, ")
    elif "items" in described:
        yield from _list(described["items"], old or [], new or [], place)
    elif old is None:
        yield f"{place} : ajout de {_quoted(described, new)}."
    elif new is None:
        yield f"{place} : retrait de {_quoted(described, old)}."
    else:
        yield f"{place} : {_quoted(described, old)} devient {_quoted(described, new)}."


def _list(described: Mapping[str, Any], old: list[Any], new: list[Any], place: str) -> Iterator[str]:
    """Items that bear the same name are compared with each other; others were added or removed."""
    gone, come = [item for item in old if item not in new], [item for item in new if item not in old]
    if not gone and not come:
        yield f"{place} : ordre ou nombre de répétitions modifié."
    for item in gone:
        same = next((other for other in come if _name(described, other) == _name(described, item)), None)
        if same is None or "properties" not in described:
            yield f"{place} : retrait de {_quoted(described, item)}."
            continue
        come.remove(same)
        yield from _object(described, item, same, f"{place}, {_quoted(_first(described), _name(described, item))}, ")
    for item in come:
        yield f"{place} : ajout de {_quoted(described, item)}."


def _first(described: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(iter(described["properties"].values()))
    return found


def _name(described: Mapping[str, Any], item: Any) -> Any:
    """What names an item in its list: the first field of its schema, or the item itself."""
    return item.get(next(iter(described["properties"]))) if "properties" in described else item


def _quoted(described: Mapping[str, Any], value: Any) -> str:
    text = in_words(described, value)
    return f"« {text[:_SHOWN]}… »" if len(text) > _SHOWN else f"« {text} »"


def in_words(described: Mapping[str, Any], value: Any) -> str:
    """A value as people read it: labels of enumerations, French dates, an object's values joined by commas, each yes
    or no with its title."""
    if value is None:
        return ""
    if "properties" in described:
        parts = (_part(key, item, value.get(key)) for key, item in described["properties"].items())
        return ", ".join(filter(None, parts))
    if "items" in described:
        return " ; ".join(in_words(described["items"], item) for item in value)
    if "x-enumeration" in described:
        return label(described["x-enumeration"], value)
    if described.get("format") == "date":
        return french_date(value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def _part(key: str, described: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, bool):
        return f"{described['title']} : {in_words(described, value)}"
    return f"{value} mois" if key == "months" and value is not None else in_words(described, value)


def french_date(text: str) -> str:
    """`2023-03-01` as `01/03/2023`; anything else as it is."""
    try:
        return french_day(date.fromisoformat(text))
    except ValueError:
        return text


def french_day(day: date) -> str:
    """A day as people write it, JJ/MM/AAAA."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"
