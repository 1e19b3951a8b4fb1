"""Whether the two records of an exchange say the same of it (convention art. 7, al. 3: both registers).

The holder's record is about the disclosure, the requester's about the new processing; what they share must agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.processing.normal import normal
from schemas import label

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Disagreement:
    """The key on which the two records differ, and the sentence that says how."""

    key: str
    message: str


@dataclass(frozen=True)
class Side:
    """One party's record of the exchange; None while it has none."""

    name: str
    record: Record | None


def disagreements(holder: Side, requester: Side) -> list[Disagreement]:
    """Every point on which the records of the holder and of the requester contradict each other."""
    absent = [
        Disagreement("", f"{side.name} : aucune fiche pour cet échange.")
        for side in (holder, requester)
        if side.record is None
    ]
    if absent or holder.record is None or requester.record is None:
        return absent
    told, received = normal(dict(holder.record)), normal(dict(requester.record))
    sides = (holder.name, requester.name)
    return [
        *_sets("categories_of_personal_data", "Catégories de données", _categories(told), _categories(received), sides),
        *_sets("categories_of_data_subjects", "Personnes concernées", _subjects(told), _subjects(received), sides),
        *_sets("transfers", "Transferts hors de l'Union", _countries(told), _countries(received), sides),
        *_named(told, received, sides),
        *_jointly(told, received, sides),
    ]


def _sets(key: str, title: str, told: list[str], received: list[str], sides: tuple[str, str]) -> list[Disagreement]:
    found = []
    for extra, where, nowhere in (
        ([item for item in told if item not in received], *sides),
        ([item for item in received if item not in told], *reversed(sides)),
    ):
        if extra:
            named = " ; ".join(f"« {item} »" for item in extra)
            found.append(Disagreement(key, f"{title} : {named} dans la fiche de {where}, pas dans celle de {nowhere}."))
    return found


def _categories(record: Record) -> list[str]:
    lines = record.get("categories_of_personal_data", [])
    return list(dict.fromkeys(label("cnil_category", line["category"]) for line in lines if "category" in line))


def _subjects(record: Record) -> list[str]:
    return list(dict.fromkeys(record.get("categories_of_data_subjects", [])))


def _countries(record: Record) -> list[str]:
    return list(dict.fromkeys(line["country"] for line in record.get("transfers", []) if "country" in line))


def _named(told: Record, received: Record, sides: tuple[str, str]) -> list[Disagreement]:
    """The holder names the requester among its recipients; the requester names the holder as its source."""
    holder, requester = sides
    found = []
    names = [line.get("name", "") for line in told.get("categories_of_recipients", [])]
    if not any(_same(requester, name) for name in names):
        message = f"Destinataires : la fiche de {holder} ne nomme pas {requester}."
        found.append(Disagreement("categories_of_recipients", message))
    if not _same(holder, received.get("supplement", {}).get("data_source", "")):
        message = f"Source des données : la fiche de {requester} ne nomme pas {holder}."
        found.append(Disagreement("supplement.data_source", message))
    return found


def _same(name: str, text: str) -> bool:
    return name.casefold() in text.casefold()


def _jointly(told: Record, received: Record, sides: tuple[str, str]) -> list[Disagreement]:
    ours, theirs = bool(told.get("joint_controllers")), bool(received.get("joint_controllers"))
    if ours == theirs:
        return []
    where, nowhere = sides if ours else tuple(reversed(sides))
    message = f"Responsables conjoints : nommés dans la fiche de {where}, pas dans celle de {nowhere}."
    return [Disagreement("joint_controllers", message)]
