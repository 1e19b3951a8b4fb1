"""Settings: environment variables `ECLUSE_*`, typed and validated at start; nothing is read at import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from registry.clock import Clock, clock_on, system_clock
from registry.storage.retention import Periods

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingError(Exception):
    """A setting that cannot be used; the message is the sentence shown to the operator."""


@dataclass(frozen=True)
class OidcSettings:
    """The OpenID provider through which people may sign in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    scope: str
    acr: str | None


@dataclass(frozen=True)
class SmtpSettings:
    """The server that takes this installation's mails. `security`: starttls, tls, or none on this machine only."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None
    password: str | None = field(repr=False)
    ca: Path | None


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
    public_url: str = "http://localhost:8000"
    oidc: "OidcSettings | None" = None
    periods: Periods = field(default_factory=Periods)
    smtp: SmtpSettings | None = None
    private_webhooks: bool = False
    security_contact: str | None = None

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
        public_url=_public_url(given.get("ECLUSE_PUBLIC_URL") or "http://localhost:8000"),
        oidc=_oidc(given),
        smtp=_smtp(given),
        periods=_periods(given),
        private_webhooks=_flag(given, "ECLUSE_PRIVATE_WEBHOOKS"),
        security_contact=_security_contact(given.get("ECLUSE_SECURITY_CONTACT") or ""),
    )


_KEPT = {
    "ECLUSE_KEEP_ACCOUNTS": ("accounts", 30), "ECLUSE_KEEP_INVITATIONS": ("invitations", 1),
    "ECLUSE_KEEP_TOKENS": ("tokens", 1), "ECLUSE_KEEP_ABSENCES": ("absences", 1), "ECLUSE_KEEP_DRAFTS": ("drafts", 30),
    "ECLUSE_KEEP_MAILS": ("mails", 1), "ECLUSE_KEEP_TRAIL": ("trail", 1),
}  # fmt: skip
"""Each period that may be chosen, with the shortest one admitted."""


def _periods(given: Mapping[str, str]) -> Periods:
    chosen = {}
    for name, (period, least) in _KEPT.items():
        text = given.get(name) or str(getattr(Periods, period))
        if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) >= least):
            unit = "années" if period == "trail" else "jours"
            raise SettingError(f"{name} : un nombre de {unit}, {least} au moins.")
        chosen[period] = int(text)
    return Periods(**chosen)


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


def _public_url(url: str) -> str:
    """The origin by which browsers reach the service: links, passkeys and cookies depend on it."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingError("ECLUSE_PUBLIC_URL : une origine, par exemple https://ecluse.exemple.fr (sans chemin).")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise SettingError("ECLUSE_PUBLIC_URL : https est obligatoire, sauf sur la machine même (localhost).")
    return f"{parts.scheme}://{parts.netloc}"


def _security_contact(address: str) -> str | None:
    """Where a flaw is reported, as /.well-known/security.txt says it (RFC 9116)."""
    known = address.startswith(("mailto:", "https://")) and address.isascii() and address.isprintable()
    if address and (not known or " " in address):
        raise SettingError("ECLUSE_SECURITY_CONTACT : « mailto:adresse » ou une adresse https.")
    return address or None


def _oidc(given: Mapping[str, str]) -> OidcSettings | None:
    issuer = given.get("ECLUSE_OIDC_ISSUER") or ""
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise SettingError("ECLUSE_OIDC_ISSUER : l'adresse https du fournisseur d'identité.")
    missing = [n for n in ("ECLUSE_OIDC_CLIENT_ID", "ECLUSE_OIDC_CLIENT_SECRET") if not given.get(n)]
    if missing:
        raise SettingError(f"{missing[0]} : obligatoire avec ECLUSE_OIDC_ISSUER.")
    return OidcSettings(
        issuer=issuer,
        client_id=given["ECLUSE_OIDC_CLIENT_ID"],
        client_secret=given["ECLUSE_OIDC_CLIENT_SECRET"],
        name=given.get("ECLUSE_OIDC_NAME") or "ProConnect",
        scope=given.get("ECLUSE_OIDC_SCOPE") or "openid email siret",
        acr=given.get("ECLUSE_OIDC_ACR") or None,
    )


def _flag(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name) or "0"
    if value not in {"0", "1"}:
        raise SettingError(f"{name} : 0 ou 1.")
    return value == "1"


_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _smtp(given: Mapping[str, str]) -> SmtpSettings | None:
    host = given.get("ECLUSE_SMTP_HOST") or ""
    if not host:
        return None
    security = given.get("ECLUSE_SMTP_SECURITY") or "starttls"
    if security not in _PORTS:
        raise SettingError("ECLUSE_SMTP_SECURITY : starttls (par défaut), tls, ou none.")
    if security == "none" and host not in _LOCAL:
        raise SettingError("ECLUSE_SMTP_SECURITY : sans chiffrement, seul un serveur de la machine même est admis.")
    port = given.get("ECLUSE_SMTP_PORT") or str(_PORTS[security])
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise SettingError("ECLUSE_SMTP_PORT : un numéro de port.")
    user, password = given.get("ECLUSE_SMTP_USER") or None, given.get("ECLUSE_SMTP_PASSWORD") or None
    if (user is None) != (password is None):
        raise SettingError("ECLUSE_SMTP_USER et ECLUSE_SMTP_PASSWORD vont ensemble.")
    return SmtpSettings(host, int(port), security, _sender(given), user, password, _authorities(given))


def _sender(given: Mapping[str, str]) -> str:
    sender = given.get("ECLUSE_SMTP_FROM") or ""
    name, at, domain = sender.partition("@")
    if not (name and at and domain) or not sender.isascii() or any(c.isspace() or c in "<>,;" for c in sender):
        raise SettingError("ECLUSE_SMTP_FROM : l'adresse d'envoi, obligatoire avec ECLUSE_SMTP_HOST.")
    return sender


def _authorities(given: Mapping[str, str]) -> Path | None:
    """The certificates of a private authority that vouches for the SMTP server."""
    path = Path(given["ECLUSE_SMTP_CA"]) if given.get("ECLUSE_SMTP_CA") else None
    if path is not None and not path.is_file():
        raise SettingError(f"ECLUSE_SMTP_CA : « {path} » n'est pas un fichier de certificats.")
    return path


def _pool_size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 1000):
        raise SettingError("ECLUSE_POOL_SIZE : un nombre de connexions de 1 à 1000.")
    return int(text)
