"""Why a witness does not cosign; the messages are the sentences shown to its operator."""

from registry.ledger.checkpoints import Checkpoint


class Conflict(Exception):
    """The proof starts from another head than the one kept. `size`: the size kept."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the head kept has {size} leaves")
        self.size = size


class Unusable(Exception):
    """What the host answered cannot be used, this time; nothing was kept."""


class Fork(Exception):
    """Two heads signed by one log that cannot both be its history; the witness is stopped and keeps both."""

    def __init__(self, kept: Checkpoint, seen: Checkpoint) -> None:
        super().__init__(_sentence(kept, seen))
        self.kept = kept
        self.seen = seen


class Stopped(Exception):
    """A fork was found earlier and its operator has not decided yet."""


def _sentence(kept: Checkpoint, seen: Checkpoint) -> str:
    if seen.size < kept.size:
        what = f"montre {seen.size} enregistrements alors qu'il en avait montré {kept.size} : sa fin a disparu"
    elif seen.size == kept.size:
        what = f"montre, pour la même taille ({seen.size}), un autre contenu que celui déjà cosigné"
    else:
        what = (
            f"montre {seen.size} enregistrements dont les {kept.size} premiers ne sont pas ceux déjà cosignés : "
            "son histoire a été réécrite"
        )
    return f"Le journal {seen.origin} {what}. Les deux têtes sont signées de sa clé."
