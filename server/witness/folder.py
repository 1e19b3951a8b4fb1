"""A witness's folder: `witness.pem` (its key, 0600), `witness.sqlite3` (its state), `evidence/` (after a fork)."""

import os
from pathlib import Path

from registry.ledger.cosignatures import Cosigner
from registry.ledger.errors import LedgerError
from registry.ledger.keys import Signer, Verifier, parse_vkey, require_name
from registry.witness.store import Store
from registry.witness.witness import Witness
from server.home import write_private
from server.settings import SettingError

_KEY, _STATE = "witness.pem", "witness.sqlite3"


def create(folder: Path, name: str, keys: list[Verifier]) -> Cosigner:
    """A new witness, following those logs. Raises SettingError on a name that cannot be a key's, or when it exists."""
    try:
        require_name(name)
    except LedgerError:
        raise SettingError("--name : un nom de clé, sans espace ni « + », par exemple « commune.fr/temoin ».") from None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any((folder / existing).exists() for existing in (_KEY, _STATE)):
        raise SettingError(f"Un témoin existe déjà dans « {folder} » : sa clé et son état ne sont jamais remplacés.")
    signer = Signer.generate(name)
    write_private(folder / _KEY, signer.to_pem(_passphrase()))
    store = Store.create(folder / _STATE, name)
    for key in keys:
        store.follow(key)
    store.close()
    return Cosigner(signer)


def open_witness(folder: Path) -> Witness:
    """The folder's witness. Raises SettingError when it is not one, or its key cannot be read."""
    try:
        store = Store(folder / _STATE)
        pem = (folder / _KEY).read_bytes()
    except OSError as error:
        raise SettingError(f"Aucun témoin dans « {folder} » ({error}) : « ecluse witness init ».") from error
    try:
        signer = Signer.from_pem(store.name, pem, _passphrase() if b"ENCRYPTED" in pem.split(b"\n", 1)[0] else None)
    except ValueError as error:
        raise SettingError(
            f"La clé « {folder / _KEY} » est illisible, ou ECLUSE_KEY_PASSPHRASE manque ou est fausse."
        ) from error
    return Witness(store, Cosigner(signer), folder)


def log_key(vkey: str) -> Verifier:
    """A log's key as its operator gives it. Raises SettingError."""
    try:
        return parse_vkey(vkey.strip())
    except LedgerError as error:
        raise SettingError(f"« {vkey} » n'est pas la clé d'un journal (nom+identifiant+base64) : {error}.") from error


def _passphrase() -> bytes | None:
    given = os.environ.get("ECLUSE_KEY_PASSPHRASE")
    return given.encode() if given else None
