"""The page of the documentation that says who may do what: `docs/authorisation.md`, made from the table alone."""

from collections.abc import Iterable, Mapping

from registry.authorisation.rights import RELATIONS, RIGHTS, SIDES, Right
from registry.authorisation.scopes import ALL, SCOPES
from registry.exchange.acts import ACTS
from schemas import enumeration, label

_INTRODUCTION = """# Qui peut quoi

Une seule table décide, pour l'API, les pages et la ligne de commande : `registry/authorisation/rights.py` et, pour les
actes d'un échange, `registry/exchange/acts.py`. Ce qui n'y est permis à personne est refusé. Un test parcourt chaque
adresse du service, chaque fonction et chaque relation à l'échange, et compare ce qui arrive à cette table.

Les fonctions sont celles que le compte a ce jour-là pour la partie où il agit ; elles sont relues dans la transaction
de chaque acte. Ce que la table permet peut encore être refusé par les règles de l'échange : état du dossier, constats
bloquants, séparation des fonctions.

Cette page est engendrée par `make docs` : elle ne se modifie pas à la main.
"""

_SEPARATION = """## Séparation des fonctions

Plusieurs fonctions tenues par une même personne ne se cumulent pas dans un même dossier, dans quelque partie qu'elle
les tienne : qui a rédigé ou déposé la demande ne rend pas l'avis et ne décide pas ; qui a rendu l'avis ne décide pas
(RGPD, article 38(6)) ; le délégué en fonction du détenteur ne conclut ni l'opportunité ni la faisabilité. Seul le
délégué du détenteur en fonction ce jour-là rend l'avis.
"""

_OPERATOR = """## Ligne de commande

La commande `ecluse` agit sur l'installation de qui la lance : elle demande l'accès à ses clés et à sa base. Elle passe
par les mêmes règles, comme gestionnaire de registre de la partie nommée, et ses actes sont enregistrés comme ceux du
programme. Elle ne rend pas d'avis, ne décide pas, et ne donne ni désignation ni délégation.
"""


def page(addresses: Mapping[str, Iterable[str]]) -> str:
    """The whole page, in Markdown. `addresses` are those that each right opens, by the right's name."""
    rights = [right for right in RIGHTS.values() if not right.sides]
    return "\n".join([
        _INTRODUCTION, _relations(), _scopes(), _acts(), _SEPARATION, "## Autres droits\n",
        *(_section(right, addresses.get(right.name, ())) for right in rights), _OPERATOR,
    ])  # fmt: skip


def _relations() -> str:
    return "\n".join(["## Relations\n", *(f"- **{name}** : {said}." for name, said in RELATIONS.items()), ""])


def _scopes() -> str:
    lines = [f"| `{scope}` | {said} |" for scope, said in SCOPES.items()]
    every = f"| `{ALL}` | Tout ce qui précède ; c'est aussi la portée des jetons émis avant qu'elles existent |"
    head = ["## Portées d'un jeton\n", "| Portée | Ce qu'elle ouvre |", "| --- | --- |"]
    return "\n".join([*head, *lines, every, ""])


def _acts() -> str:
    head = [
        "## Actes d'un échange\n",
        "Ils appartiennent à qui tient l'une de ces fonctions pour l'une de ces parties de l'échange.\n",
        "| Acte | Fonctions | Parties | États | Portée | Confirmation |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *(_act(RIGHTS[f"act/{name}"], act.states) for name, act in ACTS.items()), ""])


def _act(right: Right, states: tuple[str, ...]) -> str:
    cells = (
        f"{right.label} (`{right.name.removeprefix('act/')}`)",
        _roles(right),
        ", ".join(SIDES[side] for side in right.sides),
        "tous" if len(states) > len(enumeration("state")) - 2 else ", ".join(label("state", state) for state in states),
        f"`{right.scope}`",
        "oui" if right.confirmed else "non",
    )
    return f"| {' | '.join(cells)} |"


def _roles(right: Right) -> str:
    if right.roles >= set(enumeration("role")):
        return "toute fonction"
    return ", ".join(label("role", role) for role in enumeration("role") if role in right.roles)


def _section(right: Right, addresses: Iterable[str]) -> str:
    lines = [f"### {right.label}\n", f"Droit `{right.name}` : {RELATIONS[right.relation]}.", ""]
    if right.roles:
        lines.append(f"- Fonctions : {_roles(right)}.")
    if right.relation not in {"public", "visitor"}:
        lines.append(f"- Jeton : portée `{right.scope}`." if right.scope else "- Jeton : aucun ; une personne seule.")
    if right.confirmed:
        lines.append("- Une personne confirme son identité par son second facteur.")
    lines += [f"- `{address}`" for address in sorted(addresses)]
    return "\n".join([*lines, ""])
