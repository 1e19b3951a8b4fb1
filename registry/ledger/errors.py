"""What the formats refuse, one type for each reason, so that callers never compare sentences."""


class LedgerError(ValueError):
    """Base of every refusal of a format; the message is one English sentence for an operator."""


class MalformedError(LedgerError):
    """The bytes or values are not of the format, or exceed one of its limits."""


class UnknownKeyError(LedgerError):
    """No key known to the caller signed the text: nothing in it may be used."""


class SignatureError(LedgerError):
    """A line under a known name and key id does not verify: the whole note is refused (C2SP signed-note)."""


class ProofError(LedgerError):
    """A Merkle proof does not lead from what was given to the root."""


class QuorumError(LedgerError):
    """The witnesses that cosigned are not enough for the policy."""
