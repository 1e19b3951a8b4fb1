"""Every route that the application serves, as the table of rights sees it."""

from collections.abc import Iterable
from dataclasses import dataclass

from litestar import Litestar
from litestar.routes import BaseRoute, HTTPRoute

from server.routes import rights_of

_MACHINES = ("/api/", "/ledger/", "/healthz", "/readyz", "/metrics", "/static/", "/.well-known/")


@dataclass(frozen=True, order=True)
class Served:
    """A route: its path with `{parameter}`, its method, the name of its handler."""

    path: str
    method: str
    handler: str

    @property
    def rights(self) -> tuple[str, ...]:
        """The rights that it asks for; empty when nobody said."""
        return rights_of(self.handler, self.path)

    @property
    def page(self) -> bool:
        """Whether people at a browser use it: a page, or where a form or a script of ours leads."""
        return not self.path.startswith(_MACHINES)


def served(routes: Iterable[BaseRoute]) -> list[Served]:
    """The routes of an application, in order of path."""
    return sorted(
        Served(route.path_format, method, handler.name or "")
        for route in routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method not in {"HEAD", "OPTIONS"}
    )


def addresses() -> dict[str, list[str]]:
    """What each right opens, by its name; the demonstration's entrance included."""
    from server.app import routers

    found: dict[str, list[str]] = {}
    for route in served(Litestar(routers(demo=True), openapi_config=None).routes):
        for right in route.rights:
            found.setdefault(right, []).append(f"{route.method} {route.path}")
    return found
