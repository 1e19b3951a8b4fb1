"""Finding a list of persons in a text: lines that each name somebody and say when or where to find them.

One such line is an example or a signature; several are data. A line counts when it begins with a name (two words in
capitals or with capitals, after a number, a dash or a title) and holds a date, a postal address, an e-mail address, a
telephone or a beneficiary number; or when, in a table, two cells of letters stand beside such a cell. Lines that only
have the same date count once: a list of persons has many birth dates, a table of places has one. A table whose heading
announces a name and another means of identification counts by its lines, and a sentence that runs on from name to date
to name counts by its names.
"""

import re
from itertools import pairwise

LINES = 3
"""How many different lines make a list."""
_SHORTEST, _LONGEST = 12, 400
_SHOWN = 40

_WORD = (  # bounded, so that a text made of capitals costs what its length does and no more
    "(?:[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{1,30}(?:['’-][A-Za-zÀ-ÖØ-öø-ÿ]{1,30}){0,3}|[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’-]{1,40})"
)
_NAMED = re.compile(
    r"[\s\"'«*•·–\-]*(?:[0-9]{1,5}[.)°;,\s]{1,3})?(?:(?:M|MM|Mme|Mlle|Monsieur|Madame)\.?\s+)?"
    rf"({_WORD})[\s;,|\"']{{1,4}}({_WORD})\b"
)
_INSTITUTION = re.compile(
    r"(?:[LD]['’])?(?:art|articles?|annexes?|association|avenants?|avis|caf|centre|commission|commune|comit[ée]|conseil|"
    r"convention|cour|d[ée]cision|d[ée]cret|d[ée]lib[ée]ration|direction|[ée]cole|groupe|lot|loi|lyc[ée]e|mairie|"
    r"m[ée]tropole|minist[èe]re|p[ôo]le|quartiers?|secteur|tranche|total|effectifs?|iris|qpv|trimestre|semestre|"
    r"pr[ée]fecture|r[èe]glement|r[ée]union|saint|sainte|service|ville|version|"
    r"le|la|les|un|une|du|des|en|au|aux|cnil|cnaf|insee|rgpd|csp|css|casf|crpa|cgct|code)",
    re.IGNORECASE,
)
_DATE = (
    r"\b(?:[0-3]?[0-9][/.-][01]?[0-9][/.-](?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|"
    r"[0-3]?[0-9](?:er)? (?:janv|f[ée]vr|mars|avril|mai|juin|juil|ao[ûu]t|sept|oct|nov|d[ée]c)[a-zé]*\.? "
    r"(?:19|20)[0-9]{2})\b"
)
_DATED = re.compile(_DATE)
_PLACED = re.compile(
    r"\b[0-9]{1,4}(?: ?(?:bis|ter))?,? (?:rue|r\.|avenue|av\.?|boulevard|bd|place|pl\.|chemin|impasse|all[ée]e|route|"
    r"quai|cours|square|mont[ée]e|r[ée]sidence|lotissement|passage)\b",
    re.IGNORECASE,
)
_REACH = r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{1,64}|\b0[1-9](?:[ .-]?[0-9]{2}){4}\b|\b[0-9]{7} ?[A-Z]?\b"
_REACHED = re.compile(_REACH)
_RUN_ON = re.compile(rf"({_WORD})[ ,]{{1,2}}({_WORD})[ ,:(–-]{{1,4}}(?:n[ée]e?(?:\(e\))? (?:le )?)?({_DATE}|{_REACH})")

_CELLS = re.compile(r"[;\t|]")
_LETTERS = re.compile(r"[\"' ]*[A-Za-zÀ-ÖØ-öø-ÿ'’ -]{2,40}[\"' ]*")
_NAME_HEADING = re.compile(r"\b(?:noms?|pr[ée]noms?|identit[ée]|allocataires?|matricule|nir)\b", re.IGNORECASE)
_OTHER_HEADING = re.compile(
    r"\b(?:pr[ée]noms?|naissance|n[ée](?:\(e\))?e? le|adresse|courriel|e-?mail|m[ée]l|t[ée]l(?:[ée]phone)?|nir|"
    r"s[ée]curit[ée] sociale|num[ée]ro allocataire|n° allocataire|matricule)\b",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"(?<=\w)[^\W\d_]|[0-9]")


def person_lines(text: str) -> dict[str, str]:
    """The lines of a text that name persons, masked, by what tells one person from another."""
    if len(text) < _SHORTEST:
        return {}
    lines = text.splitlines()
    found = {means: line for line in lines if (means := _means(line))}
    for line in lines:
        found |= _run_on(line)
    table = _announced(lines)
    if len(table) > len(found):
        found = {line: line for line in table}
    return {means: _masked(line) for means, line in found.items()}


def _run_on(line: str) -> dict[str, str]:
    """The persons of a line that names several, one after another."""
    named = [match for match in _RUN_ON.finditer(line) if not any(map(_INSTITUTION.fullmatch, match.group(1, 2)))]
    return {match.group(3): match.group() for match in named} if len(named) > 1 else {}


def _means(line: str) -> str | None:
    """How a line that names somebody identifies them: the line itself, or the only date it holds."""
    if not _SHORTEST <= len(line) <= _LONGEST:
        return None
    beyond = _after_name(line)
    if beyond is None:
        beyond = line if _is_row(line) else ""
    if _PLACED.search(beyond) or _REACHED.search(beyond):
        return line
    dated = _DATED.search(beyond)
    return dated.group() if dated else None


def _after_name(line: str) -> str | None:
    named = _NAMED.match(line)
    if named is None or any(_INSTITUTION.fullmatch(word) for word in named.groups()):
        return None
    return line[named.end() :]


def _is_row(line: str) -> bool:
    """A line of a table with two neighbouring cells of letters."""
    cells = _CELLS.split(line)
    return len(cells) > 2 and any(_is_word(a) and _is_word(b) for a, b in pairwise(cells))


def _is_word(cell: str) -> bool:
    return _LETTERS.fullmatch(cell) is not None and not any(map(_INSTITUTION.fullmatch, cell.split()))


def _announced(lines: list[str]) -> list[str]:
    """The filled lines under a heading that announces names and another means of identification."""
    for index, line in enumerate(lines[:20]):
        cells = _CELLS.split(line)
        named = [i for i, cell in enumerate(cells) if _NAME_HEADING.search(cell) and len(cell) <= _SHOWN]
        other = [i for i, cell in enumerate(cells) if _OTHER_HEADING.search(cell) and len(cell) <= _SHOWN]
        if named and set(other) - set(named[:1]):
            return [row for row in lines[index + 1 :] if _is_filled(row, named[0], len(cells))]
    return []


def _is_filled(row: str, named: int, width: int) -> bool:
    cells = _CELLS.split(row)
    return len(cells) >= width - 1 and len(cells) > named and bool(cells[named].strip())


def _masked(line: str) -> str:
    """What may be shown of a line: the first letter of each word, no digit."""
    shown = _HIDDEN.sub("●", line.strip())
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
