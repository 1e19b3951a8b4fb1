"""The indicators of a convention as they may be shown: counts with small ones kept back, medians of delays."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.exchange.deadlines.clocks import LABELS
from registry.indicators.figures import NATURES, REGISTERS, STEPS
from registry.indicators.masking import ALL, median, shown, shown_totals
from schemas import enumeration, label

Counts = Mapping[tuple[str, int], int]

STAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "in_progress": (
        "En instruction", ("filed", "awaiting_information", "under_study", "referred", "awaiting_decision"),
    ),
    "approved": (
        "Approuvés, pas encore actifs", ("approved", "approved_subject_to_conditions", "preparation"),
    ),
    "active": ("Actifs", ("active",)),
    "suspended": ("Suspendus", ("suspended",)),
    "closed": ("Clos", ("closing", "closed")),
    "ended": ("Refusés, retirés ou sans suite", ("refused", "inadmissible", "dropped", "withdrawn", "lapsed")),
    "outside_procedure": ("Traités hors circuit", ("outside_procedure",)),
}  # fmt: skip
"""Where exchanges stand, in a few groups of states."""
_NATURES = ("Données personnelles", "Données non personnelles à la place", "Nature non précisée")
_REGISTERS = ("Inscrits dans les deux registres", "Une inscription manque", "Pas approuvés")
_FOLLOWED = {"ended": "Levées", "open": "Ouvertes, dans les délais", "late": "Ouvertes, en retard"}
_UNSAID = "Non précisé"
_PUBLIC = {"state": frozenset({"active", "suspended"})}
"""What the public list of exchanges in operation shows one by one (registry/documents/public_list.py)."""
_SIDES = frozenset({"requester", "holder"})
"""Tables of parties: the Caf is in every exchange, so that what it asks for is the total less what it holds."""
_LONGEST = 40
"""Rows of a table; parties beyond are counted together."""
_OTHERS = "others"


@dataclass(frozen=True)
class Line:
    """A category and how many exchanges it has; None where kept back."""

    id: str
    label: str
    count: int | None


@dataclass(frozen=True)
class Table:
    """Exchanges (or recommendations) of a year, or of all years, by category; `total` is None where kept back."""

    id: str
    title: str
    total: int | None
    lines: list[Line]

    @property
    def masked(self) -> bool:
        """Whether anything is kept back."""
        return self.total is None or any(line.count is None for line in self.lines)


@dataclass(frozen=True)
class Delay:
    """The median net calendar days of a step; None when too few exchanges have ended it."""

    step: str
    label: str
    median: float | None


@dataclass(frozen=True)
class Board:
    """The indicators of one year, or of all (`year` None), with the years that may be chosen."""

    year: int | None
    years: list[int]
    total: int | None
    tables: list[Table]
    delays: list[Delay]


def board(
    categories: Mapping[str, Counts],
    followed: Counts,
    days: Mapping[str, Sequence[tuple[int, int, int]]],
    parties: Mapping[str, str],
    year: int | None,
) -> Board:
    """The indicators from the counts by (category's value, year); `parties` are names by id.

    Every year and every table is judged together whichever year is shown, so that two pages read one beside the other
    give no more away than each.
    """
    years = sorted({at for _, at in categories["state"]})
    totals = shown_totals(_sums(categories["state"], years))
    rows = {
        "field": [(one, label("convention_field", one)) for one in enumeration("convention_field")] + [("", _UNSAID)],
        "requester": _of_parties(categories["requester"], parties),
        "holder": _of_parties(categories["holder"], parties),
        "state": [(stage, title) for stage, (title, _) in STAGES.items()],
        "nature": list(zip(NATURES, _NATURES, strict=True)),
        "opinion": [(one, label("opinion_value", one)) for one in enumeration("opinion_value")] + [("", "Sans avis")],
        "registers": list(zip(REGISTERS, _REGISTERS, strict=True)),
    }
    titles = {
        "field": "Demandes par champ d'intervention",
        "requester": "Demandes par demandeur",
        "holder": "Demandes par détenteur",
        "state": "Où en sont les échanges",
        "nature": "Nature des données",
        "opinion": "Avis du délégué à la protection des données",
        "registers": "Inscription aux registres",
    }
    at = ALL if year is None else year
    tables = [
        _table(name, titles[name], _grouped(name, categories[name], rows[name]), rows[name], totals, at)
        for name in titles
    ]
    return Board(
        year, years, totals.get(at, 0), [*tables, _followed(followed, years, at)],
        [Delay(step, LABELS[step], _median(days[step], year)) for step in STEPS],
    )  # fmt: skip


def _sums(counts: Counts, years: Iterable[int]) -> dict[int, int]:
    return {year: sum(count for (_, at), count in counts.items() if at == year) for year in years}


def _of_parties(counts: Counts, parties: Mapping[str, str]) -> list[tuple[str, str]]:
    """Parties by name; beyond the longest table, those with the most exchanges, and the others together."""
    sums: dict[str, int] = dict.fromkeys(parties, 0)
    for (party, _), count in counts.items():
        sums[party] = sums.get(party, 0) + count
    kept = sorted(sums, key=lambda party: (-sums[party], party))
    named = sorted(((one, parties.get(one, one)) for one in kept[:_LONGEST]), key=lambda row: row[1].casefold())
    return [*named, (_OTHERS, "Autres parties")]


def _grouped(name: str, counts: Counts, rows: Sequence[tuple[str, str]]) -> dict[tuple[str, int], int]:
    """The counts by row of the table: states by group, parties without a row of their own together."""
    known = {row for row, _ in rows}
    of_state = {state: stage for stage, (_, states) in STAGES.items() for state in states}
    row_of: Callable[[str], str] = (
        (lambda value: of_state.get(value, "in_progress"))
        if name == "state"
        else (lambda value: value if value in known else (_OTHERS if _OTHERS in known else ""))
    )
    found: dict[tuple[str, int], int] = {}
    for (value, year), count in counts.items():
        place = (row_of(value), year)
        found[place] = found.get(place, 0) + count
    return found


def _table(
    name: str, title: str, counts: Counts, rows: Sequence[tuple[str, str]], totals: Mapping[int, int | None], at: int
) -> Table:
    seen = shown(
        counts, [row for row, _ in rows], totals, mirrored=name in _SIDES, public=_PUBLIC.get(name, frozenset())
    )
    lines = [Line(row, text, seen.get((row, at), 0)) for row, text in rows]
    kept = [line for line in lines if line.count != 0 or line.id not in {"", _OTHERS}]
    return Table(name, title, totals.get(at, 0), kept)


def _followed(counts: Counts, years: Sequence[int], at: int) -> Table:
    totals = shown_totals(_sums(counts, years))
    return _table("recommendations", "Recommandations et conditions", counts, list(_FOLLOWED.items()), totals, at)


def _median(days: Sequence[tuple[int, int, int]], year: int | None) -> float | None:
    counted: dict[int, int] = {}
    for at, value, number in days:
        if year in {None, at}:
            counted[value] = counted.get(value, 0) + number
    return median(counted.items())
