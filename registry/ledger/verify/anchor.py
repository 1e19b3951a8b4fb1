"""What the caller kept itself, and against which a host's files are compared: keys, a policy, an older head."""

from collections.abc import Iterable
from dataclasses import dataclass

from registry.ledger.checkpoints import Checkpoint, parse_checkpoint
from registry.ledger.cosignatures import CosignatureVerifier
from registry.ledger.encoding import LARGEST
from registry.ledger.keys import Verifier
from registry.ledger.notes import split_note
from registry.ledger.policy import NONE, Policy


@dataclass(frozen=True)
class Kept:
    """A head kept by the caller: its note byte for byte, and what it says."""

    note: bytes
    checkpoint: Checkpoint


def read_kept(note: bytes) -> Kept:
    """A kept head, its signature not checked yet. Raises MalformedError."""
    return Kept(note, parse_checkpoint(split_note(note)[0]))


@dataclass(frozen=True)
class Anchor:
    """`keys`: log keys; `policy`: logs, witnesses and quorum; `heads`: older heads, at most one for each log.

    Only cosignatures between `oldest` and `newest` (POSIX seconds) count for the policy: a maximum age, and the clock.
    """

    keys: tuple[Verifier, ...] = ()
    policy: Policy | None = None
    heads: tuple[Kept, ...] = ()
    oldest: int = 0
    newest: int = LARGEST

    def keys_of(self, origin: str) -> list[Verifier]:
        """The log keys kept for that log."""
        kept = (*self.keys, *(log.key for log in self.policy.logs)) if self.policy else self.keys
        return list({key.public: key for key in kept if key.name == origin}.values())

    def head_of(self, origin: str) -> Kept | None:
        """The head kept of that log."""
        return next((kept for kept in self.heads if kept.checkpoint.origin == origin), None)

    def quorum(self, times: dict[CosignatureVerifier, int]) -> bool | None:
        """Whether the witnesses of the policy that spoke in time are its quorum; None when no quorum is asked."""
        if self.policy is None or self.policy.quorum == NONE:
            return None
        return self.policy.is_met_by({key for key, at in times.items() if self.oldest <= at <= self.newest})


def witness_keys(*policies: Policy | None) -> list[CosignatureVerifier]:
    """The keys of the witnesses of some policies, each once."""
    found: Iterable[CosignatureVerifier] = (
        witness.key for policy in policies if policy for witness in policy.witnesses if witness.key
    )
    return list(dict.fromkeys(found))
