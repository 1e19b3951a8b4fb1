"""Migrations: one set of files, two engines, one transaction each.

A migration is a module of this package, named like its ID, that holds plain data:

    \"\"\"What changes, and why.\"\"\"

    from collections.abc import Sequence

    from registry.storage.migrations.step import Step

    ID = "ecluse_2027_01_05_0002_second"          # the module's own name; they run in alphabetical order
    DESCRIPTION = "Parties get a postal address"
    FORWARDS: Sequence[Step] = (
        "CREATE TABLE address (party TEXT PRIMARY KEY REFERENCES party(id), lines TEXT NOT NULL)",
        {"sqlite": "CREATE INDEX …", "postgres": ("CREATE INDEX …", "ANALYZE address")},
        fill,                                      # async def fill(tx: Transaction) -> None
    )
    BACKWARDS: Sequence[Step] = ("DROP TABLE address",)

A step is one statement; or a mapping from the dialect to one statement or several, where a missing dialect has nothing
to do; or a coroutine function of the transaction, for moving data.

BACKWARDS undoes FORWARDS in the order in which it is written. Steps and the row of Piccolo's table `migration` that
records them are one transaction, so a failed migration leaves nothing behind; a lock inside that transaction lets one
process migrate at a time.

To change a column on SQLite, rebuild the table in four steps: CREATE TABLE new_x, INSERT INTO new_x SELECT … FROM x,
DROP TABLE x, ALTER TABLE new_x RENAME TO x. Foreign keys are suspended meanwhile and all checked before COMMIT.
"""

from registry.storage.migrations.runner import migrate, pending

__all__ = ["migrate", "pending"]
