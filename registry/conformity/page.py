"""The page of the documentation that explains every check: `docs/checks.md`, made from the catalogue alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from registry.conformity.catalogue import Check, catalogue, rules_version
from registry.conformity.examples import example_of
from registry.conformity.explanations import DAY, Explanation, explanations
from registry.conformity.findings import message
from registry.conformity.placeholders import french_date
from registry.conformity.terms import as_date
from schemas import label, vocabulary

_INTRODUCTION = """# Contrôles de conformité

Ce que l'outil relève dans une demande d'échange, à chaque étape et pendant la vie de l'échange : {count} contrôles,
version {version} du catalogue. Un constat **bloquant** n'empêche jamais de déposer une demande ; il empêche de
l'approuver ou de la mettre en œuvre tant qu'il n'est ni levé, ni couvert par une condition préalable, et que le
décideur n'y a pas passé outre par des motifs écrits, là où la source le permet. Un avertissement ou une information
n'empêche rien. Un constat « à vérifier » attend la confirmation d'un juriste : il ne bloque jamais à lui seul.

Une convention peut régler les seuils et les phrases (`POST /api/v1/conventions/{{id}}/checks`) ; les textes ci-dessous
sont ceux du catalogue. Chaque exemple est la demande de référence EX-2022-007, changée comme il est dit, et la phrase
citée est celle que les contrôles lui répondent.

Cette page est engendrée par `make docs` : elle ne se modifie pas à la main.
"""

_MOMENTS = {
    "admission": "au passage à l'étude",
    "study": "à la conclusion d'un volet de l'étude",
    "opinion": "à la signature de l'avis",
    "decision": "à l'enregistrement de la décision",
    "activation": "à la mise en œuvre",
    "closing": "à la clôture",
}
_KEYS = {"": "request", "@file": "file", "@convention": "convention", "@holder": "party", "@requester": "party"}
_OF = {"@holder": " (détenteur)", "@requester": " (demandeur)", "@convention": " (convention)"}


def page() -> str:
    """The whole page, in Markdown."""
    parts = [_INTRODUCTION.format(count=len(catalogue()), version=rules_version())]
    for family, checks in groupby(sorted(catalogue(), key=_family_order), key=lambda check: check.family):
        parts.append(f"## {label('family', family)}\n")
        parts += [_section(check) for check in checks]
    return "\n".join(parts)


def _family_order(check: Check) -> int:
    return list(vocabulary()["enumerations"]["family"]).index(check.family)


def _section(check: Check) -> str:
    explained, found = explanations()[check.id], example_of(check)
    lines = [
        f"### {check.id}\n",
        f"{' · '.join(_facts(check, explained.moment))}\n",
        f"**Quand :** {explained.when}\n",
        f"**Exemple :** {' ; '.join(_changes(explained)) or 'la demande de référence, telle quelle'}.\n",
        f"> {message(found)}\n",
        *(f"Autre voie – {a.label} : {a.text}\n" for a in found.alternatives),
        f"Source : {check.source}\n",
    ]
    return "\n".join(lines)


def _facts(check: Check, moment: str | None) -> Iterator[str]:
    yield f"**{label('severity', check.severity)}**"
    if check.severity == "blocking":
        yield (
            "le décideur peut passer outre, avec des motifs écrits"
            if check.overridable
            else "personne ne peut passer outre"
        )
    if check.phase == "request":
        yield f"lu sur la demande, étape « {label('stage', check.stage or '')} »"
    else:
        yield _MOMENTS[moment] if moment else "lu pendant la vie de l'échange"
    yield f"confiance : {label('confidence', check.confidence).lower()}"


def _changes(explained: Explanation) -> Iterator[str]:
    for path, value in explained.change.items():
        root, _, rest = path.partition(".") if path.startswith("@") else ("", "", path)
        place = _Place(_KEYS[root], _pattern(rest))
        yield f"« {place.label} »{_OF.get(root, '')} : {_value(place, value)}"
    for path in explained.changed:
        yield f"« {_Place('request', _pattern(path)).label} » est modifié"
    for held in explained.people.values():
        yield f"une même personne tient la fonction « {label('role', 'dpo')} » pour {' et pour '.join(held)}"
    if explained.active:
        yield f"{explained.active} échanges actifs"
    if explained.today != DAY:
        yield f"lu le {french_date(explained.today)}"


def _pattern(path: str) -> str:
    """The vocabulary's name of a path: `data_items.0.label` -> `data_items[].label`."""
    steps: list[str] = []
    for step in path.split("."):
        if step.isdecimal():
            steps[-1] += "[]"
        else:
            steps.append(step)
    return ".".join(steps)


@dataclass(frozen=True)
class _Place:
    """A key of the vocabulary: a group and a pattern."""

    group: str
    pattern: str

    @property
    def described(self) -> Mapping[str, Any]:
        keys = vocabulary()["keys"][self.group]
        part, _, key = self.pattern.partition(".")
        names = (self.pattern, f"{self.pattern}[]", f"{part}.*.{key.partition('.')[2]}")
        return next((keys[name] for name in names if name in keys), {})

    @property
    def label(self) -> str:
        return str(self.described.get("label", self.pattern))

    def below(self, key: str) -> "_Place":
        return _Place(self.group, f"{self.pattern}[].{key}")


def _value(place: _Place, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(place, item) for item in value) or "aucun"
    if isinstance(value, dict):
        inside = (f"{place.below(key).label} : {_value(place.below(key), item)}" for key, item in value.items())
        return f"({', '.join(inside)})"
    if value is None or (isinstance(value, str) and not value.strip()):
        return "vide"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if "enumeration" in place.described:
        return f"« {label(place.described['enumeration'], str(value))} »"
    day = as_date(value)
    return french_date(day) if day else str(value)
