"""The home folder: the one place that holds what this installation owns, private keys included (files 0600).

`keys/log.pem` signs heads, `keys/recorder.pem` records, `keys/openings.key` protects what people typed,
`keys/secrets.key` what must be readable of people's secrets (seeds of one-time codes). A signing key
that is being replaced stays beside the new one as `….old.pem`; `keys/parties/<party>.pem` are the keys of parties that
entrust theirs to this host. All are encrypted when ECLUSE_KEY_PASSPHRASE is set.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from registry.ledger.keys import Signer
from registry.ledger.signers import LogSigner, Recorder
from registry.publishing.guard import Guard
from registry.storage.vault import KEY_BYTES, Unreadable, Vault, seal, unseal
from server.settings import SettingError, Settings

SIGNING = {"log": "ECLUSE_LOG_KEY", "recorder": "ECLUSE_RECORDER_KEY"}
"""The signing keys of an installation, by the name of their file, with the variable that may hold one instead."""
_VAULT = "openings.key"
_SECRETS = "secrets.key"
_ENCRYPTED = b"scrypt "
_SALT_BYTES = 16


DEMO_MARK = "ecluse-demo"
"""The file that says that a home is the demonstration's own: it may be wiped, and anybody may take any role there."""


def is_demo(settings: Settings) -> bool:
    """Whether the home is marked as the demonstration's."""
    return (settings.home / DEMO_MARK).is_file()


def create_keys(settings: Settings) -> None:
    """Generate the signing keys and the key of openings. Raises SettingError when some exist already."""
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any((folder / name).exists() for name in _names()):
        raise SettingError(f"Des clés existent déjà dans « {folder} » : elles ne sont jamais remplacées.")
    for name in SIGNING:
        write_private(folder / f"{name}.pem", Signer.generate(name).to_pem(settings.key_passphrase))
    write_private(folder / _VAULT, _encoded(secrets.token_bytes(KEY_BYTES), settings.key_passphrase, _VAULT))
    write_private(folder / _SECRETS, _encoded(Fernet.generate_key(), settings.key_passphrase, _SECRETS))


def remove_keys(settings: Settings) -> None:
    """Remove keys that were just created for an installation that could not be."""
    for name in _names():
        (_folder(settings) / name).unlink(missing_ok=True)


def rotate_key(settings: Settings, name: str) -> None:
    """A new signing key (`log` or `recorder`); the former stays beside it. Raises SettingError while one is replaced.

    The server announces the new key in its logs when it starts with it.
    """
    current, former = _folder(settings) / f"{name}.pem", _folder(settings) / f"{name}.old.pem"
    if former.exists():
        raise SettingError(f"Un remplacement est en cours : « {former} » existe encore (« --end » y met fin).")
    _signer(settings, name)  # readable, or nothing is touched
    fresh = current.with_name(f"{name}.new.pem")
    fresh.unlink(missing_ok=True)
    write_private(fresh, Signer.generate(name).to_pem(settings.key_passphrase))
    os.link(current, former)  # a crash leaves both files: there is a current key at every moment
    fresh.replace(current)


def end_rotation(settings: Settings, name: str) -> None:
    """Destroy the key that was replaced. Raises SettingError when there is none."""
    former = _folder(settings) / f"{name}.old.pem"
    try:
        former.unlink()
    except FileNotFoundError:
        raise SettingError("Aucun remplacement de cette clé n'est en cours.") from None


def create_secrets_key(settings: Settings) -> bool:
    """The key of people's secrets, for an installation made before there was one; False when it has one."""
    path = _folder(settings) / _SECRETS
    if path.exists() or os.environ.get("ECLUSE_SECRETS_KEY"):
        return False
    write_private(path, _encoded(Fernet.generate_key(), settings.key_passphrase, _SECRETS))
    return True


def rotate_secrets(settings: Settings) -> MultiFernet:
    """A new key in front of the present one. Raises SettingError while a former one is still there."""
    keys = _secrets_keys(settings)
    if len(keys) > 1:
        raise SettingError("Un remplacement est en cours : « --end » y met fin.")
    return _keep_secrets(settings, [Fernet.generate_key(), *keys])


def end_secrets_rotation(settings: Settings) -> MultiFernet:
    """Destroy the key that was replaced; everything must be sealed under the new one. Raises SettingError."""
    keys = _secrets_keys(settings)
    if len(keys) == 1:
        raise SettingError("Aucun remplacement de cette clé n'est en cours.")
    return _keep_secrets(settings, keys[:1])


def _keep_secrets(settings: Settings, keys: list[bytes]) -> MultiFernet:
    path = _folder(settings) / _SECRETS
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    write_private(fresh, _encoded(b"\n".join(keys), settings.key_passphrase, _SECRETS))
    fresh.replace(path)
    return load_secrets(settings)


def load_secrets(settings: Settings) -> MultiFernet:
    """What seals and opens people's secrets: the newest key first. Raises SettingError when there is none."""
    return MultiFernet([Fernet(key) for key in _secrets_keys(settings)])


def _secrets_keys(settings: Settings) -> list[bytes]:
    stored = _secret(settings, "ECLUSE_SECRETS_KEY", _SECRETS).strip()
    try:
        keys = _decoded(stored, settings.key_passphrase, _SECRETS).split(b"\n")
        MultiFernet([Fernet(key) for key in keys])
    except (ValueError, Unreadable) as error:
        raise SettingError(
            "La clé des secrets est illisible : le contenu de « secrets.key » est attendu, ou ECLUSE_KEY_PASSPHRASE "
            "manque."
        ) from error
    return keys


def create_party_key(settings: Settings, party: str) -> Signer:
    """A key for a party that entrusts it to this host. Raises SettingError when it has one."""
    path = _folder(settings) / "parties" / f"{party}.pem"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        raise SettingError(f"La partie a déjà une clé : « {path} ».")
    signer = Signer.generate(f"{settings.host_name}/party/{party}")
    write_private(path, signer.to_pem(settings.key_passphrase))
    return signer


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner reads; refuses to replace one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def load_recorder(settings: Settings) -> Recorder:
    """The keys that sign records. Raises SettingError when there is none, or one cannot be read."""
    parties = {
        path.stem: _read_signer(path.stem, path.read_bytes(), settings)
        for path in sorted((_folder(settings) / "parties").glob("*.pem"))
    }
    former = _former(settings, "recorder")
    return Recorder(settings.host_name, _signer(settings, "recorder"), previous=former, parties=parties)


def load_log_signer(settings: Settings) -> LogSigner:
    """The key that signs heads. Raises SettingError when there is none, or it cannot be read."""
    return LogSigner(_signer(settings, "log"), _former(settings, "log"))


def load_guard(settings: Settings) -> Guard:
    """The guard of the last signed heads, whether its file exists or not."""
    return Guard(settings.guard_file)


def load_vault(settings: Settings) -> Vault:
    """The vault, from ECLUSE_OPENINGS_KEY (base64) or the home's file. Raises SettingError when there is none."""
    stored = _secret(settings, "ECLUSE_OPENINGS_KEY", _VAULT).strip()
    try:
        return Vault(_decoded(stored, settings.key_passphrase, _VAULT))
    except (ValueError, Unreadable) as error:
        raise SettingError(
            "La clé des ouvertures est illisible : 32 octets en base64 sont attendus, ou ECLUSE_KEY_PASSPHRASE manque."
        ) from error


def _folder(settings: Settings) -> Path:
    return settings.home / "keys"


def _names() -> list[str]:
    return [*(f"{name}.pem" for name in SIGNING), _VAULT, _SECRETS]


def _signer(settings: Settings, name: str) -> Signer:
    return _read_signer(name, _secret(settings, SIGNING[name], f"{name}.pem"), settings)


def _former(settings: Settings, name: str) -> Signer | None:
    path = _folder(settings) / f"{name}.old.pem"
    return _read_signer(name, path.read_bytes(), settings) if path.exists() else None


def _read_signer(name: str, pem: bytes, settings: Settings) -> Signer:
    encrypted = b"ENCRYPTED" in pem.split(b"\n", 1)[0]
    try:
        return Signer.from_pem(name, pem, settings.key_passphrase if encrypted else None)
    except ValueError as error:
        raise SettingError(
            f"La clé « {name} » est illisible : PEM PKCS#8 Ed25519 attendu, ou ECLUSE_KEY_PASSPHRASE est fausse."
        ) from error


def _encoded(key: bytes, passphrase: bytes | None, name: str) -> bytes:
    """The key as base64, or `scrypt <salt> <key sealed under the passphrase>`; `name` is its file's."""
    if passphrase is None:
        return base64.b64encode(key) + b"\n"
    salt = secrets.token_bytes(_SALT_BYTES)
    sealed = seal(_stretched(passphrase, salt), key, name)
    return _ENCRYPTED + base64.b64encode(salt) + b" " + base64.b64encode(sealed) + b"\n"


def _decoded(stored: bytes, passphrase: bytes | None, name: str) -> bytes:
    if not stored.startswith(_ENCRYPTED):
        return base64.b64decode(stored, validate=True)
    salt, _, sealed = stored.removeprefix(_ENCRYPTED).partition(b" ")
    if passphrase is None:
        raise Unreadable("a passphrase is needed")
    key = _stretched(passphrase, base64.b64decode(salt, validate=True))
    return unseal(key, base64.b64decode(sealed, validate=True), name)


def _stretched(passphrase: bytes, salt: bytes) -> bytes:
    """A key from a passphrase: scrypt at 2^15 (32 MB), RFC 7914."""
    return Scrypt(salt=salt, length=KEY_BYTES, n=2**15, r=8, p=1).derive(passphrase)


def _secret(settings: Settings, variable: str, name: str) -> bytes:
    given = os.environ.get(variable)
    if given:
        return given.encode()
    path = _folder(settings) / name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SettingError(
            f"Clé introuvable : ni « {path} » ni la variable {variable}. Lancez d'abord « ecluse init »."
        ) from None
