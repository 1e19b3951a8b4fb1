"""Settings: environment variables `ECLUSE_*`, typed and validated at start; nothing is read at import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from registry.clock import Clock, clock_on, system_clock


class SettingError(Exception):
    """A setting that cannot be used; the message is the sentence shown to the operator."""


@dataclass(frozen=True)
class Settings:
    """How this installation runs. `today` is None outside tests and demonstrations."""

    home: Path
    database_url: str
    host_name: str
    today: date | None
    pool_size: int
    guard: Path | None = None
    key_passphrase: bytes | None = field(default=None, repr=False)
    tsa_url: str | None = None

    @property
    def guard_file(self) -> Path:
        """Where the last signed heads are kept: beside the home, not in it, so that no backup of it holds them."""
        home = self.home.absolute()
        return self.guard or home.with_name(f"{home.name}.guard")

    @property
    def clock(self) -> Clock:
        """The machine's clock, or one whose day is `ECLUSE_TODAY`."""
        return clock_on(self.today) if self.today else system_clock

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is an SQLite file."""
        return self.database_url.startswith("sqlite:")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment, completed by a `.env` file of the working folder. Raises SettingError."""
    given = {**_dotenv(Path(".env")), **(os.environ if environment is None else environment)}
    home = Path(given.get("ECLUSE_HOME") or "var")
    return Settings(
        home=home,
        database_url=_database_url(given.get("ECLUSE_DATABASE_URL") or "", home),
        host_name=_host_name(given.get("ECLUSE_HOST_NAME") or "localhost"),
        today=_day(given.get("ECLUSE_TODAY") or ""),
        pool_size=_pool_size(given.get("ECLUSE_POOL_SIZE") or "10"),
        guard=Path(given["ECLUSE_GUARD"]) if given.get("ECLUSE_GUARD") else None,
        key_passphrase=given["ECLUSE_KEY_PASSPHRASE"].encode() if given.get("ECLUSE_KEY_PASSPHRASE") else None,
        tsa_url=_tsa_url(given.get("ECLUSE_TSA_URL") or ""),
    )


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.removeprefix("export ").partition("=") for line in lines if line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs if key.strip().startswith("ECLUSE_")}


def _database_url(url: str, home: Path) -> str:
    if not url:
        return f"sqlite:///{(home / 'ecluse.sqlite3').absolute()}"
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise SettingError("ECLUSE_DATABASE_URL : attendu « sqlite:///chemin » ou « postgresql://… ».")
    return url


def _host_name(name: str) -> str:
    if not name or any(c.isspace() or c in "+/" for c in name):
        raise SettingError("ECLUSE_HOST_NAME : un nom d'hôte, sans espace, « + » ni « / ».")
    return name


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingError(f"ECLUSE_TODAY : « {text} » n'est pas une date AAAA-MM-JJ.") from None


def _tsa_url(url: str) -> str | None:
    if url and not url.startswith(("https://", "http://")):
        raise SettingError("ECLUSE_TSA_URL : l'adresse http(s) d'un service d'horodatage RFC 3161.")
    return url or None


def _pool_size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 1000):
        raise SettingError("ECLUSE_POOL_SIZE : un nombre de connexions de 1 à 1000.")
    return int(text)
