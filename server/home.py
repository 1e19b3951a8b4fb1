"""The home folder: the one place that holds what this installation owns, private keys included (files 0600)."""

import base64
import os
import secrets
from pathlib import Path

from registry.ledger.keys import Signer
from registry.storage.logs import Recorder
from registry.storage.vault import KEY_BYTES, Vault
from server.settings import SettingError, Settings

_RECORDER, _VAULT = "recorder.pem", "openings.key"


def create_keys(settings: Settings) -> None:
    """Generate the recorder's signing key and the key of openings. Raises SettingError when keys exist already."""
    folder = settings.home / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / _RECORDER).exists() or (folder / _VAULT).exists():
        raise SettingError(f"Des clés existent déjà dans « {folder} » : elles ne sont jamais remplacées.")
    write_private(folder / _RECORDER, Signer.generate("recorder").to_pem())
    write_private(folder / _VAULT, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")


def remove_keys(settings: Settings) -> None:
    """Remove keys that were just created for an installation that could not be."""
    for name in (_RECORDER, _VAULT):
        (settings.home / "keys" / name).unlink(missing_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner reads; refuses to replace one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def load_recorder(settings: Settings) -> Recorder:
    """The recorder, from ECLUSE_RECORDER_KEY (PEM) or the home's file. Raises SettingError when there is none."""
    pem = _secret(settings, "ECLUSE_RECORDER_KEY", _RECORDER)
    try:
        return Recorder(settings.host_name, Signer.from_pem("recorder", pem))
    except ValueError as error:
        raise SettingError("La clé de l'enregistreur est illisible (PEM PKCS#8 Ed25519 attendu).") from error


def load_vault(settings: Settings) -> Vault:
    """The vault, from ECLUSE_OPENINGS_KEY (base64) or the home's file. Raises SettingError when there is none."""
    encoded = _secret(settings, "ECLUSE_OPENINGS_KEY", _VAULT)
    try:
        return Vault(base64.b64decode(encoded.strip(), validate=True))
    except ValueError as error:
        raise SettingError("La clé des ouvertures est illisible (32 octets en base64 attendus).") from error


def _secret(settings: Settings, variable: str, name: str) -> bytes:
    given = os.environ.get(variable)
    if given:
        return given.encode()
    path = settings.home / "keys" / name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SettingError(
            f"Clé introuvable : ni « {path} » ni la variable {variable}. Lancez d'abord « ecluse init »."
        ) from None
