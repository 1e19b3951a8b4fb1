"""The table: each right, the functions that give it, towards what, and the scope that it asks of a token.

A route names its rights in `server/routes.py`; the gate asks for them by name (`require`). Acts of an exchange keep
their own lines in `registry/exchange/acts.py`, with their states and sides: they are rights too, named `act/<name>`.
"""

from dataclasses import dataclass

from registry.authorisation.scopes import scope_of_act
from registry.exchange.acts import ACTS, READERS
from registry.refusals import Forbidden

RELATIONS = {
    "public": "tout le monde, sans s'identifier",
    "visitor": "toute personne devant un navigateur : c'est par là qu'on entre",
    "person": "la personne connectée, pour son propre compte",
    "own": "sa propre partie ; ce qui est à une autre n'existe pas (404)",
    "self": "sa propre partie ; l'acte d'une autre est refusé (403)",
    "member": "une partie de la convention ; une autre convention n'existe pas (404)",
    "seen": "une partie de l'échange, dès qu'il lui est visible ; pour toute autre il n'existe pas (404)",
}
"""Towards what a right is held. An act of an exchange is held by one of its sides, among those who see it."""

SIDES = {
    "requester": "demandeur",
    "holder": "détenteur",
    "studying": "partie qui étudie",
    "initiator": "partie qui dépose",
    "controller": "responsable de traitement concerné",
}


@dataclass(frozen=True)
class Right:
    """One line. `roles` empty: no function is asked. `scope` None: a person does it, never a token. `refusal` is what
    those without the functions are told (an act says it by itself). `sides`: for an act, which parties of the exchange
    may do it."""

    name: str
    label: str
    relation: str
    roles: frozenset[str] = frozenset()
    scope: str | None = None
    refusal: str = ""
    confirmed: bool = False
    sides: tuple[str, ...] = ()


_ANY = READERS | {"steering_committee", "secretariat", "administrator"}
_NONE_TODAY = "Vous n'avez aucune fonction dans cette partie aujourd'hui."
_NOT_READER = "Vos fonctions ne donnent pas accès aux dossiers de votre partie."
_NOT_ADMINISTRATOR = "Les comptes d'une partie relèvent de son administrateur."

_TABLE = (
    Right("public", "Lire ce qui est public", "public"),
    Right("enter", "Entrer : se connecter, prendre une invitation, confirmer son identité", "visitor"),
    Right("account.own", "Gérer son propre compte", "person"),
    Right("exchange.read", "Lire un échange, ses documents et ses preuves", "seen", READERS, "read", _NOT_READER),
    Right("exchange.list", "Lister les échanges de sa partie", "own", READERS, "read", _NOT_READER),
    Right("exchange.create", "Rédiger une demande", "member", frozenset({"requester"}), "file",
          "Créer une demande revient à la fonction « Demandeur » de votre partie."),
    Right("register.read", "Lire les registres de sa partie", "own", READERS, "read", _NOT_READER),
    Right("register.keep", "Tenir les registres de sa partie", "own", frozenset({"records_manager"}), "register",
          "La tenue du registre revient au gestionnaire de registre de la partie."),
    Right("register.erase", "Effacer une fiche", "own", frozenset({"controller"}), "decide",
          "Effacer une fiche revient au responsable de traitement.", confirmed=True),
    Right("register.export", "Exporter les registres de sa partie", "own", READERS, "export", _NOT_READER),
    Right("inspection", "Voir ce qui appuie les échanges de sa partie", "own", READERS, "read", _NOT_READER),
    Right("convention.read", "Lire la convention", "member", _ANY, "read", _NONE_TODAY),
    Right("indicators.read", "Voir les indicateurs d'une convention (des agrégats seulement)", "member",
          READERS | {"steering_committee", "secretariat"}, "read",
          "Vos fonctions ne donnent pas accès aux indicateurs de la convention."),
    Right("convention.amendment", "Enregistrer un avenant", "member", frozenset({"secretariat", "controller"}),
          "convention", "Enregistrer un avenant revient au secrétariat permanent ou à un responsable de traitement.",
          confirmed=True),
    Right("convention.succession", "Enregistrer une succession", "member", frozenset({"secretariat", "controller"}),
          "convention",
          "Enregistrer une succession revient au secrétariat permanent ou à un responsable de traitement.",
          confirmed=True),
    Right("convention.checks", "Régler les contrôles", "member", frozenset({"dpo", "secretariat"}), "convention",
          "Régler les contrôles revient à un délégué à la protection des données ou au secrétariat permanent.",
          confirmed=True),
    Right("convention.ending", "Mettre fin à la convention, ou s'en retirer", "member",
          frozenset({"controller", "delegate"}), "convention",
          "Mettre fin à la convention revient au responsable de traitement de la partie, ou à son délégataire.",
          confirmed=True),
    Right("convention.committee", "Tenir le comité de pilotage", "member", frozenset({"secretariat"}), "convention",
          "La vie du comité de pilotage est enregistrée par le secrétariat permanent.", confirmed=True),
    Right("mandates.read", "Lire les mandats de sa partie", "own",
          frozenset({"controller", "administrator", "dpo", "delegate"}), None,
          "Les mandats d'une partie sont lus par ceux qui la dirigent ou l'administrent."),
    Right("mandates.designate", "Désigner un délégué à la protection des données", "self",
          frozenset({"controller", "administrator"}), "convention",
          "Désigner un délégué revient au responsable de traitement ou à l'administrateur de la partie.",
          confirmed=True),
    Right("mandates.delegate", "Déléguer sa signature", "self", frozenset({"controller"}), "convention",
          "Une délégation de signature est donnée par le responsable de traitement.", confirmed=True),
    Right("mandates.devices", "Régler la signature sur l'appareil", "self", frozenset({"controller", "administrator"}),
          "convention",
          "Régler la signature sur l'appareil revient au responsable de traitement ou à l'administrateur de la partie.",
          confirmed=True),
    Right("ledger.read", "Lire les journaux de sa partie et de ses conventions", "member", _ANY, "ledger", _NONE_TODAY),
    Right("ledger.cosign", "Déposer la cosignature d'un témoin connu", "member", _ANY, "ledger", _NONE_TODAY),
    Right("accounts.read", "Voir les comptes de sa partie", "own", frozenset({"administrator"}), None,
          _NOT_ADMINISTRATOR),
    Right("accounts.administer", "Administrer les comptes de sa partie", "own", frozenset({"administrator"}), None,
          _NOT_ADMINISTRATOR, confirmed=True),
    Right("accounts.absence", "Déclarer sa propre absence", "own", _ANY, None, _NONE_TODAY, confirmed=True),
    Right("webhooks.read", "Voir les annonces automatiques de sa partie", "own", frozenset({"administrator"}),
          "webhooks", _NOT_ADMINISTRATOR),
    Right("webhooks.keep", "Régler les annonces automatiques de sa partie", "own", frozenset({"administrator"}),
          "webhooks", _NOT_ADMINISTRATOR, confirmed=True),
    Right("texts.own", "Tenir ses propres textes types", "own", READERS, None, _NOT_READER),
    Right("tokens.own", "Voir et révoquer ses jetons d'accès", "own", _ANY, None, _NONE_TODAY),
    Right("tokens.issue", "Émettre un jeton d'accès pour son compte", "own", _ANY, None, _NONE_TODAY, confirmed=True),
)  # fmt: skip


def _of_acts() -> dict[str, Right]:
    return {
        f"act/{act.name}": Right(
            f"act/{act.name}", act.label, "seen", frozenset(act.roles), scope_of_act(act.name),
            confirmed=act.confirmed or act.name == "erasure", sides=act.sides,
        )
        for act in ACTS.values()
    }  # fmt: skip


RIGHTS: dict[str, Right] = {right.name: right for right in _TABLE} | _of_acts()


def require(roles: frozenset[str], name: str) -> None:
    """Refuse who holds none of a right's functions. Raises Forbidden."""
    right = RIGHTS[name]
    if not roles & right.roles:
        raise Forbidden(right.refusal)
