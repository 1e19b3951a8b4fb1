"""What reconciliation finds: one kind for each damage, the table and row it is in, and a French sentence."""

from dataclasses import dataclass, field

KEPT = 500
"""Findings kept in full; the others are only counted."""

SENTENCES = {
    "column": "La colonne « {column} » ne dit pas ce que dit l'enregistrement signé.",
    "record": "L'enregistrement n'a pas la forme attendue.",
    "signature": "L'enregistrement n'est signé par aucune clé que son journal ait nommée avant lui.",
    "leaf-hash": "L'empreinte (leaf_hash) n'est pas celle de l'enregistrement.",
    "facts": "Les faits ou leur sel ne sont pas ceux sur lesquels l'enregistrement s'engage.",
    "actor": "Le pseudonyme n'est pas celui du compte qui a agi (table actor).",
    "leaf-index": "Le numéro de feuille attendu est {expected} : une ligne manque, est en double ou déplacée.",
    "revision": "La révision attendue est {expected} : une ligne manque ou est en double.",
    "order": "Le rang (seq ou leaf_index) contredit l'ordre des révisions de l'objet.",
    "log-unknown": "Aucun journal connu ne porte cette ligne.",
    "waiting": "Attend sa place dans le journal depuis le {since}.",
    "orphan": "Resté sans place dans un journal laissé derrière, et le suivant ne le rattache pas.",
    "opening-lost": "Les textes de cet acte manquent, et aucun effacement n'est enregistré.",
    "opening-altered": "Les textes de cet acte ne sont pas ceux sur lesquels ses faits s'engagent.",
    "opening-back": "Ces textes ont été effacés, et sont revenus.",
    "key-lost": "La clé de l'objet manque, et aucun effacement n'est enregistré.",
    "key-altered": "La clé de l'objet n'est pas celle de cette installation, ou a été changée.",
    "key-back": "La clé de l'objet a été effacée, et est revenue.",
    "attachment-lost": "La pièce manque, et aucun effacement n'est enregistré.",
    "attachment-altered": "La pièce n'a pas l'empreinte qui est dans les faits.",
    "attachment-back": "Cette pièce a été effacée, et est revenue.",
    "device": "La signature sur l'appareil n'est pas de cet acte, ou pas d'une clé alors enregistrée pour son auteur.",
    "unexplained": "Aucun événement n'explique cette ligne.",
    "unreadable": "Les faits de l'objet ne se replient pas : un événement au moins a été changé.",
    "projection": "La colonne « {column} » n'est pas celle que donnent les événements.",
    "projection-missing": "La ligne que donnent les événements manque.",
    "opened": "La première feuille n'est pas l'ouverture de ce journal.",
    "log": "La colonne « {column} » du journal ne dit pas ce que dit son ouverture.",
    "log-key": "Cette clé n'est pas de celles que le journal nomme, ou n'est pas inscrite parmi elles.",
    "head": "La colonne « {column} » n'est pas celle que donnent les enregistrements.",
    "head-missing": "La tête du journal manque.",
    "unsigned": "Des enregistrements numérotés n'ont pas de tête signée depuis le {since}.",
    "unpublished": "La tête signée le {since} n'est pas montrée, ou une tête montrée manque.",
    "checkpoint-note": "La tête n'est pas signée par une clé du journal, ou dit autre chose que sa ligne.",
    "checkpoint": "La colonne « {column} » n'est pas celle que donnent les enregistrements.",
    "checkpoint-size": "La tête compte plus d'enregistrements que le journal n'en a.",
    "checkpoint-date": "La date de signature n'est pas possible à cette place.",
    "node": "Le nœud n'est pas celui que donnent les enregistrements.",
    "node-missing": "Le nœud manque.",
    "cosignature": "La cosignature n'est pas celle d'un témoin connu sur cette tête, ou dit autre chose que sa ligne.",
    "cosignature-head": "La tête cosignée manque.",
    "guard": "La garde tient une tête de {kept} enregistrements que le journal ne contient pas.",
    "guard-unknown": "La garde tient une tête d'un journal que la base ne connaît pas.",
    "guard-missing": "La garde ne tient aucune tête de ce journal, déjà montré.",
}
"""Stable ids, and what is said to people after the table and the row."""


@dataclass(frozen=True)
class Finding:
    """One damage: its kind (a key of SENTENCES), the table, the row by its key, and the sentence."""

    kind: str
    table: str
    row: str
    message: str

    def __str__(self) -> str:
        return f"{self.table} [{self.row}] : {self.message}"


@dataclass
class Report:
    """What was read and found. `erased`: acts whose texts were erased, with the record that says so; `notes`: what is
    as it should be and still worth saying."""

    events: int = 0
    objects: int = 0
    erased: int = 0
    logs: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    kept: list[Finding] = field(default_factory=list)
    total: int = 0

    @property
    def fine(self) -> bool:
        """Whether nothing was found."""
        return self.total == 0

    def add(self, kind: str, table: str, row: object, **values: object) -> None:
        """One more finding; `row`: the row's key, as text or as the tuple of its columns."""
        self.total += 1
        if len(self.kept) < KEPT:
            key = "/".join(map(str, row)) if isinstance(row, tuple) else str(row)
            self.kept.append(Finding(kind, table, key, SENTENCES[kind].format(**values)))
