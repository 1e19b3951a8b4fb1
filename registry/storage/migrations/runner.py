"""Running migrations: one process at a time, all or nothing for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from piccolo.apps.migrations.tables import Migration as Record

from registry.storage.engines import Unusable, bind
from registry.storage.migrations.step import every_migration, take

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry.storage.engines import Engine, Transaction
    from registry.storage.migrations.step import Migration

APP = "ecluse"
LATEST, NONE = "latest", "none"


async def migrate(engine: Engine, target: str = LATEST, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Bring an open database to `target`: "latest", "none" or a migration's ID. The IDs run, in order.

    Forwards or backwards, as needed. Raises `Unusable` when the target is unknown, or the database was migrated by a
    newer version of the program.
    """
    known = list(every_migration() if migrations is None else migrations)
    ids = [migration.ID for migration in known]
    if target not in (LATEST, NONE, *ids):
        message = f"aucune migration ne s'appelle « {target} »"
        raise Unusable(message)
    last = {LATEST: len(ids), NONE: 0}.get(target)
    wanted = ids[: ids.index(target) + 1 if last is None else last]
    bind(engine, Record)
    ran: list[str] = []
    while True:
        async with engine.schema_change() as tx:
            await Record.create_table(if_not_exists=True)
            done = await _done(ids)
            back = [migration for migration in known if migration.ID in done and migration.ID not in wanted]
            ahead = [migration for migration in known if migration.ID in wanted and migration.ID not in done]
            if back:
                await _backwards(back[-1], tx)
                ran.append(back[-1].ID)
            elif ahead:
                await _forwards(ahead[0], tx)
                ran.append(ahead[0].ID)
            else:
                return ran


async def pending(engine: Engine, migrations: Sequence[Migration] | None = None) -> list[str]:
    """The IDs of migrations that this version needs and the database lacks. Raises `Unusable` as `migrate` does."""
    ids = [migration.ID for migration in (every_migration() if migrations is None else migrations)]
    bind(engine, Record)
    done = await _done(ids) if await Record.table_exists() else set()
    return [name for name in ids if name not in done]


async def _done(known: Sequence[str]) -> set[str]:
    done = set(await Record.get_migrations_which_ran(APP))
    if unknown := sorted(done.difference(known)):
        message = f"la base vient d'une version plus récente du programme ({', '.join(unknown)})"
        raise Unusable(message)
    return done


async def _forwards(migration: Migration, tx: Transaction) -> None:
    for step in migration.FORWARDS:
        await take(step, tx)
    await Record.insert(Record(name=migration.ID, app_name=APP))


async def _backwards(migration: Migration, tx: Transaction) -> None:
    for step in migration.BACKWARDS:
        await take(step, tx)
    await Record.delete().where(Record.name == migration.ID, Record.app_name == APP)
