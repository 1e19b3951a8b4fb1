"""Typed refusals of the domain: each carries its stable type, its HTTP status and the sentence people read."""

from typing import ClassVar


class Detail(dict[str, str]):
    """One point of a refusal: `pointer` (RFC 6901) and `message`, plus `check` when a conformity check speaks."""


class Refusal(Exception):
    """An act the rules do not allow. Nothing has changed when it is raised.

    `slug` ends the stable problem type (RFC 9457), `status` is the HTTP status, `title` the French title;
    the message of the exception is the French sentence, `details` say precisely where and why.
    """

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "Acte refusé"

    def __init__(self, sentence: str, details: list[Detail] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details or []


class NotFound(Refusal):
    """The object does not exist, or the party may not know that it does."""

    slug, status, title = "not-found", 404, "Introuvable"


class Forbidden(Refusal):
    """The person's role or party does not give this act."""

    slug, status, title = "forbidden", 403, "Acte non autorisé"


class NotSeparated(Refusal):
    """Asker, DPO and decider must be different people (GDPR art. 38(6))."""

    slug, status, title = "separation-of-duties", 403, "Séparation des fonctions"


class WrongState(Refusal):
    """The exchange's state does not allow this act."""

    slug, status, title = "wrong-state", 409, "Acte impossible à cette étape"


class AlreadyDone(Refusal):
    """The act was already recorded for this version; records are superseded, never edited."""

    slug, status, title = "already-done", 409, "Acte déjà enregistré"


class Erased(Refusal):
    """What the act is about was erased: nothing more can be written in it."""

    slug, status, title = "erased", 409, "Dossier effacé"


class StaleVersion(Refusal):
    """The person acted on a version of the document that is no longer the current one."""

    slug, status, title = "stale-version", 412, "Version dépassée"


class GateClosed(Refusal):
    """Conditions of the gate are not met; `details` name each blocking finding."""

    slug, status, title = "gate-closed", 409, "Conditions non réunies"


class NotInForce(Refusal):
    """The convention is not in force on the server's day and the exchange has no framework of its own."""

    slug, status, title = "convention-not-in-force", 409, "Convention hors vigueur"


class Invalid(Refusal):
    """The body is refused by its schema, or names something unknown; `details` hold the pointers."""

    slug, status, title = "invalid-document", 422, "Document invalide"
