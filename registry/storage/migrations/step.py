"""The parts a migration is made of."""

from __future__ import annotations

import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from typing import Protocol, TypeAlias, cast

import registry.storage.migrations
from registry.storage.engines import Dialect, Transaction

Statements: TypeAlias = str | Sequence[str]
Step: TypeAlias = str | Mapping[Dialect, Statements] | Callable[[Transaction], Awaitable[None]]
_PREFIX = "ecluse_"


class Migration(Protocol):
    """What a migration's module holds; see the package."""

    @property
    def ID(self) -> str: ...  # noqa: N802  a module's constant
    @property
    def DESCRIPTION(self) -> str: ...  # noqa: N802
    @property
    def FORWARDS(self) -> Sequence[Step]: ...  # noqa: N802
    @property
    def BACKWARDS(self) -> Sequence[Step]: ...  # noqa: N802


def every_migration() -> list[Migration]:
    """The migrations of this version, in order."""
    package = registry.storage.migrations
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.name.startswith(_PREFIX))
    return [cast("Migration", import_module(f"{package.__name__}.{name}")) for name in names]


async def take(step: Step, tx: Transaction) -> None:
    """Run one step in the migration's transaction."""
    if callable(step):
        await step(tx)
        return
    statements = step.get(tx.dialect, ()) if isinstance(step, Mapping) else step
    for statement in (statements,) if isinstance(statements, str) else statements:
        await tx.execute(statement)
