"""Finding a list of persons in a text: lines that each name somebody and say when or where to find them.

One such line is an example or a signature; several are data. A line counts when it begins with a name (two words in
capitals or with capitals, after a number, a dash or a title) and holds a date, a postal address, an e-mail address, a
telephone or a beneficiary number; or when, in a table, two cells of letters stand beside such a cell. Lines that only
have the same date count once: a list of persons has many birth dates, a table of places has one. A table whose heading
announces a name and another means of identification counts by its lines, and a sentence that runs on from name to date
to name counts by its names.
A text that calls its numbers beneficiary numbers counts by them, and private mailboxes made of a first name and a name
count by their addresses. A table whose heading announces places or services, and nobody, is none.
"""

import re
import unicodedata
from itertools import pairwise

LINES = 3
"""How many different lines make a list."""
_SHORTEST, _LONGEST = 12, 400
_SHOWN = 40

_WORD = (  # bounded, so that a text made of capitals costs what its length does and no more
    "(?:[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]{1,30}(?:['’-][A-Za-zÀ-ÖØ-öø-ÿĀ-ž]{1,30}){0,3}|[A-ZÀ-ÖØ-ÞĀ-Ž][A-ZÀ-ÖØ-ÞĀ-Ž'’-]{1,40})"
)
_TITLE = r"(?:M|MM|Mme|Mlle|Monsieur|Madame|Mademoiselle)\.?\s+"
_NAMED = re.compile(
    r"[\s\"'«*•·–\-]*([0-9]{7}[A-Z]?[.)°;,|\s\"']{1,3})?(?:[0-9]{1,5}[.)°;,\s]{1,3})?"
    rf"(?:{_TITLE})?({_WORD})[\s;,|\"']{{1,4}}({_WORD})\b"
)
_TITLED = re.compile(rf"[\s*•·–\-]*(?:[0-9]{{1,5}}[.)°;,\s]{{1,3}})?{_TITLE}({_WORD})\b")
_INSTITUTION = re.compile(
    r"(?:[LD]['’])?(?:art|articles?|annexes?|association|avenants?|avis|caf|centre|commission|commune|comit[ée]|conseil|"
    r"convention|cour|d[ée]cision|d[ée]cret|d[ée]lib[ée]ration|direction|[ée]cole|groupe|lot|loi|lyc[ée]e|mairie|"
    r"m[ée]tropole|minist[èe]re|p[ôo]le|quartiers?|secteur|tranche|total|effectifs?|iris|qpv|trimestre|semestre|"
    r"pr[ée]fecture|r[èe]glement|r[ée]union|saint|sainte|service|ville|version|"
    r"acc[èe]s|accompagnement|action|affaires|agence|aide|animation|atelier|bilan|budget|bureau|cabinet|caisse|"
    r"ccas|cellule|clsh|coll[èe]ge|communication|compte|contrat|(?:micro-)?cr[èe]che|culture|d[ée]partement|droits?|eaje|"
    r"[ée]ducation|enfance|enfants?|espace|familles?|finances|foyer|garderie|guichet|halte(?:-garderie)?|h[ôo]tel|"
    r"informatique|jeunesse|jeunes|logement|ludoth[èe]que|maire|maison|m[ée]diath[èe]que|mission|(?:multi-)?accueil|"
    r"office|parentalit[ée]|parents|petite|(?:p[ée]ri)?scolaires?|point|projet|protection|ram|r[ée]gie|relais|r[ée]seau|"
    r"restauration|rpe|sant[ée]|sociale?s?|solidarit[ée]s?|sports?|syndicat|tarification|vie|"
    r"le|la|les|un|une|du|des|en|au|aux|cnil|cnaf|insee|rgpd|csp|css|casf|crpa|cgct|code)",
    re.IGNORECASE,
)
_DATE = (
    r"\b(?:[0-3]?[0-9][/.-][01]?[0-9][/.-](?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|"
    r"[0-3]?[0-9](?:er)? (?:janv|f[ée]vr|mars|avril|mai|juin|juil|ao[ûu]t|sept|oct|nov|d[ée]c)[a-zé]*\.? "
    r"(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))\b"
)
_DATED = re.compile(_DATE)
_PLACED = re.compile(
    r"\b[0-9]{1,4}(?: ?(?:bis|ter))?,? (?:rue|r\.|avenue|av\.?|boulevard|bd|place|pl\.|chemin|impasse|all[ée]e|route|"
    r"quai|cours|square|mont[ée]e|r[ée]sidence|lotissement|passage)\b",
    re.IGNORECASE,
)
_REACH = (
    r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{1,64}|(?:\b0|(?:\+|\b00)33[ .]?(?:\(0\))?[ .]?)[1-9](?:[ .-]?[0-9]{2}){4}\b|"
    r"\b[0-9]{7} ?[A-Z]?\b"
)
_REACHED = re.compile(_REACH)
_RUN_ON = re.compile(rf"({_WORD})[ ,]{{1,2}}({_WORD})[ ,:(–-]{{1,4}}(?:n[ée]e?(?:\(e\))? (?:le )?)?({_DATE}|{_REACH})")

_DATE_FIRST = re.compile(rf"[\s\"'*•·–\-]*{_DATE}[\s;,|\"']{{1,4}}(?:{_TITLE})?({_WORD})[\s;,|\"']{{1,4}}({_WORD})\b")
_MAILBOX = re.compile(
    r"\b([a-z]{2,30})[._-]([a-z]{2,30})[0-9]{0,4}@(?:aol|bbox|free|gmail|gmx|hotmail|icloud|laposte|live|msn|neuf|"
    r"numericable|orange|outlook|proton(?:mail)?|sfr|wanadoo|yahoo)\.(?:com|fr|me|net)\b",
    re.IGNORECASE,
)
_BENEFICIARIES = re.compile(r"\b(?:matricules?|(?:num[ée]ros?|n°) ?(?:d['’])?allocataires?)\b", re.IGNORECASE)
_BENEFICIARY = re.compile(r"(?<![\w.,/-])[0-9]{7}(?: ?[A-Z])?(?![\w/-]|[.,][0-9]| ?(?:€|euros?|k€))")

_CELLS = re.compile(r"[;\t|]")
_COMMAS = re.compile(r",(?! )")
_LETTERS = re.compile(r"[\"' ]*[A-Za-zÀ-ÖØ-öø-ÿĀ-ž'’ -]{2,40}[\"' ]*")
_THING_HEADING = re.compile(
    r"\b(?:structures?|[ée]tablissements?|[ée]quipements?|communes?|services?|[ée]coles?|cr[èe]ches?|associations?|"
    r"quartiers?|traitements?|finalit[ée]s?|donn[ée]es?|champs?|d[ée]lib[ée]rations?|actions?|projets?)\b",
    re.IGNORECASE,
)
_PERSON_HEADING = re.compile(
    r"\b(?:b[ée]n[ée]ficiaires?|usag[eè]re?s?|enfants?|parents?|responsables?|agents?|demandeurs?|tuteurs?|[ée]l[èe]ves?|"
    r"personnes?|assistant|m[èe]re|p[èe]re|n[ée]e? le|naissance)",
    re.IGNORECASE,
)
_NAME_HEADING = re.compile(
    r"\b(?:noms?(?! (?:du|des?|de la|de l['’]|d['’]) ?(?!famille|naissance|jeune|usage|enfant|allocataire|responsable|"
    r"parent|p[èe]re|m[èe]re|conjoint|agent|usager|b[ée]n[ée]ficiaire|demandeur|personne))|pr[ée]noms?|identit[ée]|allocataires?|matricule|nir)\b",
    re.IGNORECASE,
)
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
    text = unicodedata.normalize("NFC", text)
    lines = text.splitlines()
    of_things = _is_of_things(lines)
    found = {means: line for line in lines if (means := _means(line, of_things=of_things))}
    for line in lines:
        found |= _run_on(line)
    for other in (dict.fromkeys(_announced(lines)), _mailboxes(text), _beneficiaries(text)):
        if len(other) > len(found):
            found = {means: means for means in other}
    return {means: _masked(line) for means, line in found.items()}


def _mailboxes(text: str) -> dict[str, None]:
    """The private mailboxes that a text names, where their address is a first name and a name."""
    named = (match for match in _MAILBOX.finditer(text) if not any(map(_INSTITUTION.fullmatch, match.groups())))
    return dict.fromkeys(match.group().casefold() for match in named)


def _beneficiaries(text: str) -> dict[str, None]:
    """The beneficiary numbers of a text that says it holds some."""
    return dict.fromkeys(_BENEFICIARY.findall(text)) if _BENEFICIARIES.search(text) else {}


def _run_on(line: str) -> dict[str, str]:
    """The persons of a line that names several, one after another."""
    named = [match for match in _RUN_ON.finditer(line) if not any(map(_INSTITUTION.fullmatch, match.group(1, 2)))]
    return {match.group(3): match.group() for match in named} if len(named) > 1 else {}


def _means(line: str, *, of_things: bool) -> str | None:
    """How a line that names somebody identifies them: the line itself, or the only date it holds."""
    if not _SHORTEST <= len(line) <= _LONGEST:
        return None
    if of_things and len(_cells(line)) > 1:
        return None
    beyond = _beside_name(line)
    if beyond is None:
        beyond = line if _is_row(line) else ""
    if _PLACED.search(beyond) or _REACHED.search(beyond):
        return line
    dated = _DATED.search(beyond)
    return dated.group() if dated else None


def _beside_name(line: str) -> str | None:
    """What a line says beside the name it begins with, or that follows its date when a word is in capitals."""
    named = _NAMED.match(line)
    if named is not None and not any(_INSTITUTION.fullmatch(word) for word in named.group(2, 3)):
        return f"{named.group(1) or ''} {line[named.end() :]}"
    titled = _TITLED.match(line)
    if titled is not None and not _INSTITUTION.fullmatch(titled.group(1)):
        return line[titled.end() :]
    dated = _DATE_FIRST.match(line)
    if dated is None or any(_INSTITUTION.fullmatch(word) for word in dated.groups()):
        return None
    return dated.group() if any(word.isupper() for word in dated.groups()) else None


def _is_of_things(lines: list[str]) -> bool:
    """Whether the text is a table whose heading announces places, services or files, and no person."""
    first = next((line for line in lines if line.strip()), "")
    named = _NAME_HEADING.search(first) or _PERSON_HEADING.search(first)
    return _THING_HEADING.search(first) is not None and named is None and len(_cells(first)) > 1


def _cells(line: str) -> list[str]:
    """The cells of a line: between commas only where nothing else parts them and no space follows, as in a file."""
    cells = _CELLS.split(line)
    return cells if len(cells) > 1 else _COMMAS.split(line)


def _is_row(line: str) -> bool:
    """A line of a table with two neighbouring cells of letters."""
    cells = _cells(line)
    return len(cells) > 2 and any(_is_word(a) and _is_word(b) for a, b in pairwise(cells))


def _is_word(cell: str) -> bool:
    return _LETTERS.fullmatch(cell) is not None and not any(map(_INSTITUTION.fullmatch, cell.split()))


def _announced(lines: list[str]) -> list[str]:
    """The filled lines under a heading that announces names and another means of identification."""
    for index, line in enumerate(lines[:20]):
        cells = _cells(line)
        named = [i for i, cell in enumerate(cells) if _NAME_HEADING.search(cell) and len(cell) <= _SHOWN]
        other = [i for i, cell in enumerate(cells) if _OTHER_HEADING.search(cell) and len(cell) <= _SHOWN]
        if named and set(other) - set(named[:1]):
            return [row for row in lines[index + 1 :] if _is_filled(row, named[0], len(cells))]
    return []


def _is_filled(row: str, named: int, width: int) -> bool:
    cells = _cells(row)
    return len(cells) >= width - 1 and len(cells) > named and bool(cells[named].strip())


def _masked(line: str) -> str:
    """What may be shown of a line: the first letter of each word, no digit."""
    shown = _HIDDEN.sub("●", line.strip())
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
