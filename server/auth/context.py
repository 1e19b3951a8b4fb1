"""What signing in needs, in one place: the application's state holds it as `auth`."""

from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import MultiFernet
from litestar.connection import ASGIConnection

from registry.clock import Clock, system_clock
from registry.gate import Gate
from server.auth.oidc import Provider
from server.auth.passkeys import Site
from server.auth.passwords import Passwords

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass
class Auth:
    """`secrets` seals what must be readable again; `site` is the origin that browsers see; `wall` is the machine's real
    clock (one-time codes and identity tokens know no other); `demo` opens every role to whoever asks."""

    gate: Gate
    secrets: MultiFernet
    site: Site
    provider: Provider | None = None
    demo: bool = False
    passwords: Passwords = field(default_factory=Passwords)
    wall: Clock = system_clock

    @property
    def https(self) -> bool:
        """Whether browsers reach the service over TLS."""
        return self.site.origin.startswith("https:")


def auth_of(connection: Connection) -> Auth:
    """The application's `Auth`."""
    auth: Auth = connection.app.state.auth
    return auth
