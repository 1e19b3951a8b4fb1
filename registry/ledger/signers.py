"""Who signs what on a host: the recorder signs records, the log's key checkpoints, a party's own key its own acts.

One key never signs two kinds of text. A key that replaces another is used beside it for a while: the old
recorder key signs the record that names the new one, the old log key goes on signing checkpoints.
"""

from collections.abc import Mapping

from registry.ledger.keys import Signer


class Recorder:
    """The keys that sign records: the recorder's under each log's name `<origin>/recorder`, and parties' own."""

    def __init__(
        self, host: str, key: Signer, *, previous: Signer | None = None, parties: Mapping[str, Signer] | None = None
    ) -> None:
        """`host`: the name that begins every origin, unique for ever; the name of `key` and `previous` does not matter.

        `parties`: the parties whose key this host holds, each under the name `<host>/party/<party>`.
        """
        self.host = host
        self._key = key
        self._previous = previous
        self._parties = {party: signer.named(f"{host}/party/{party}") for party, signer in (parties or {}).items()}
        self._signers: dict[str, Signer] = {}

    def origin(self, owner: str, year: int, generation: int = 1) -> str:
        """The origin of a log, as `host/ledger/owner/2026`; `2026-2` when a first one had to be left behind."""
        return f"{self.host}/ledger/{owner}/{segment(year, generation)}"

    def signer(self, origin: str) -> Signer:
        """The recorder's signer for a log."""
        if origin not in self._signers:
            self._signers[origin] = self._key.named(f"{origin}/recorder")
        return self._signers[origin]

    def previous(self, origin: str) -> Signer | None:
        """The signer that is being replaced, None outside a rotation."""
        return self._previous.named(f"{origin}/recorder") if self._previous else None

    def party(self, party: str) -> Signer | None:
        """The party's own signer, when this host holds its key."""
        return self._parties.get(party)


class LogSigner:
    """The key that signs checkpoints, under each log's origin; with the one it replaces during a rotation."""

    def __init__(self, key: Signer, previous: Signer | None = None) -> None:
        self._keys = [key, previous] if previous else [key]

    def signers(self, origin: str) -> list[Signer]:
        """Those that sign the log's checkpoints, the current one first."""
        return [key.named(origin) for key in self._keys]


def segment(year: int, generation: int) -> str:
    """The last part of a log's origin and address."""
    return str(year) if generation == 1 else f"{year}-{generation}"
