"""What verification finds: one kind for each damage, with its place and a French sentence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

KEPT = 200
"""Findings kept in full; the others are only counted. A rewritten log may have one for each record."""

SENTENCES = {
    "missing": "Le fichier manque.",
    "too-long": "Le fichier est plus long que son format ne le permet.",
    "checkpoint-malformed": "La tête du journal n'a pas exactement la forme attendue.",
    "checkpoint-signature": "Une signature de la tête est fausse.",
    "checkpoint-unknown-key": "La tête n'est signée par aucune clé attendue du journal {origin}.",
    "log-key-not-named": "La clé qui signe la tête n'est pas de celles que le journal nomme lui-même.",
    "quorum": "La tête n'est pas cosignée par assez de témoins ({met} sur {known}) pour la politique donnée.",
    "policy-other-log": "La politique donnée nomme d'autres journaux, pas {origin} : donnez la sienne, ou --key.",
    "misplaced": "Ce journal est celui de {origin} : il n'est pas à sa place.",
    "nothing-left": "Plus aucun enregistrement n'est lisible avant celui-ci : la suite n'a pas été cherchée.",
    "bundle-malformed": "Le paquet n'a pas exactement les {width} enregistrements annoncés.",
    "record-malformed": "L'enregistrement n'a pas la forme attendue.",
    "record-signature": "Une signature de l'enregistrement est fausse.",
    "record-unknown-key": "L'enregistrement n'est signé par aucune clé d'enregistrement publiée avant lui.",
    "record-other-log": "L'enregistrement appartient à un autre journal ({origin}).",
    "revision": "L'objet {object} passe de la révision {before} à la révision {revision}.",
    "root": "La racine recalculée sur les enregistrements n'est pas celle que la tête signe.",
    "tile": "Les empreintes servies diffèrent de celles recalculées sur les enregistrements.",
    "keys-malformed": "Le fichier des clés n'a pas la forme attendue.",
    "keys-list": "La liste « {name} » du fichier des clés ne dit pas ce que disent les enregistrements.",
    "not-opened": "Le premier enregistrement n'est pas l'ouverture du journal, lisible dans le fichier des clés.",
    "key-not-opened": "Cet enregistrement de clé n'est pas ouvert dans le fichier des clés.",
    "key-opening": "L'ouverture de cet enregistrement de clé ne correspond pas à ce qui est signé.",
    "key-facts": "Cet enregistrement de clé dit ce qu'il ne peut pas dire.",
    "key-changed": "Cet enregistrement de clé a été lu deux fois, et différent.",
    "old-malformed": "La tête conservée n'a pas la forme attendue, ou aucune clé de ce journal ne l'a signée.",
    "old-larger": "La tête conservée compte {old} enregistrements, celle-ci {size} seulement : le journal a reculé.",
    "old-differs": "Les {old} premiers enregistrements ne sont pas ceux de la tête conservée : le passé a été réécrit.",
    "previous-larger": "Le journal suivant cite {old} enregistrements de celui-ci, qui n'en a que {size}.",
    "previous-differs": "Les {old} premiers enregistrements ne sont pas ceux que cite le journal suivant.",
    "receipt-malformed": "Le reçu n'a pas la forme attendue.",
    "proof": "La preuve ne mène pas de l'enregistrement à la racine que la tête signe.",
    "facts": "Les faits ne sont pas ceux sur lesquels l'enregistrement s'engage.",
    "facts-malformed": "Les faits n'ont pas la forme attendue.",
    "opening": "Les textes ne sont pas ceux sur lesquels les faits s'engagent.",
    "fork": "Deux têtes signées de ce journal, de même taille, ont des racines différentes.",
    "manifest-malformed": "Le manifeste n'a pas la forme attendue.",
    "manifest": "Le contenu n'a pas l'empreinte que donne le manifeste.",
    "promised": "Cet acte est signé mais pas encore publié : rien n'en est prouvé. Redemandez le dossier.",
    "unexpected": "Ce fichier n'est pas d'un dossier de preuves : rien ne le prouve.",
    "unlisted": "Le fichier n'est pas dans le manifeste.",
    "archive": "L'archive est abîmée ou contient ce qu'elle ne doit pas contenir.",
    "act-differs": "L'acte écrit ici n'est pas celui que prouvent le reçu et ses faits.",
    "act-without-proof": "Cet acte n'a ni preuve ni promesse signée.",
    "act-missing": "La révision {revision} du dossier manque.",
    "head-differs": "Ce reçu n'est pas construit sur la tête du journal qui l'accompagne.",
    "recorder": "La clé qui signe l'enregistrement n'est pas de celles du journal.",
    "attachment": "La pièce n'a pas l'empreinte que porte son nom.",
    "attachment-unknown": "Aucun acte du dossier ne joint cette pièce.",
    "attachment-missing": "Une pièce jointe par un acte manque ({sha256}).",
    "timestamp": "Le jeton d'horodatage n'est pas celui d'une tête de ce journal, ou pas de l'autorité donnée.",
    "export-altered": "La fiche {reference} n'est plus celle qui a été exportée.",
    "export-missing": "La fiche {reference} a été exportée et n'est plus dans le fichier.",
    "export-added": "La fiche {reference} n'était pas dans l'export.",
    "export-content": "Les fiches sont celles qui ont été exportées, mais le reste du fichier a changé.",
    "export-cell": "Ce qui est écrit ici n'est pas ce que l'export y a écrit.",
    "export-formula": "Le fichier calcule : un export ne contient aucune formule.",
    "export-file": "Le fichier n'a pas l'empreinte que donne le manifeste.",
    "export-record": "Le manifeste n'est pas celui que décrit l'enregistrement signé de l'export.",
    "export-receipt": "Le reçu est celui d'un autre enregistrement.",
    "device-malformed": "La signature faite sur l'appareil n'a pas la forme attendue.",
    "device-challenge": "Ce qui a été signé sur l'appareil n'est pas cet acte tel qu'il est écrit.",
    "device-origin": "La signature sur l'appareil a été faite sur un autre site que celui où la clé a été enregistrée.",
    "device-unverified": "L'appareil n'a pas vérifié la personne (présence, code ou empreinte).",
    "device-signature": "La signature faite sur l'appareil est fausse.",
    "device-not-enrolled": "L'enregistrement de la clé qui a signé sur l'appareil manque.",
    "device-other-key": "La clé qui a signé sur l'appareil n'est pas enregistrée pour cette personne et cette partie.",
    "device-order": "La clé qui a signé sur l'appareil n'était pas encore enregistrée, ou les dates se contredisent.",
    "device-counter": "Le compteur de l'appareil n'a pas avancé depuis sa signature précédente : clé copiée ou rejeu.",
    "reference": "Le manifeste parle d'un autre dossier que les enregistrements.",
}
"""Stable ids, and what is said to people; a sentence stands after the file's path and the record's number."""


@dataclass(frozen=True)
class Finding:
    """One damage: its kind (a key of SENTENCES), the file's path in what was verified, the leaf index if any."""

    kind: str
    message: str
    path: str
    index: int | None = None

    def __str__(self) -> str:
        place = self.path if self.index is None else f"{self.path}, enregistrement n° {self.index}"
        return f"{place} : {self.message}"


def finding(kind: str, path: str, index: int | None = None, **values: object) -> Finding:
    """The finding of a kind at a place, its sentence completed by `values`. Raises KeyError on an unknown kind."""
    return Finding(kind, SENTENCES[kind].format(**values), path, index)


class Findings:
    """Findings in the order they came: `kept` holds the first ones, `total` counts all."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.total = 0

    def __bool__(self) -> bool:
        return self.total > 0

    def add(self, kind: str, path: str, index: int | None = None, **values: object) -> None:
        """One more finding; see `finding`."""
        self.extend([finding(kind, path, index, **values)])

    def extend(self, others: Iterable[Finding], total: int | None = None) -> None:
        """Findings made elsewhere, of which there were `total`."""
        others = list(others)
        self.total += len(others) if total is None else total
        self.kept += others[: KEPT - len(self.kept)]

    def join(self, others: Self, folder: str = "") -> None:
        """All that was found elsewhere, in a folder (its name ends with a slash)."""
        self.extend([replace(one, path=folder + one.path) for one in others.kept], others.total)
