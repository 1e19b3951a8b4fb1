"""CREATE TABLE for both engines from one text: column types are words that each engine spells its own way."""

from registry.storage.engines import Dialect
from registry.storage.migrations.step import Step

DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgres")
_TYPES = {
    "SERIAL": {
        "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "postgres": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    },
    "POSITION": {"sqlite": "INTEGER PRIMARY KEY", "postgres": "BIGINT PRIMARY KEY"},
    "BYTES": {"sqlite": "BLOB", "postgres": "BYTEA"},
    "NUMBER": {"sqlite": "INTEGER", "postgres": "BIGINT"},
}


def table(name: str, columns: str, *, clustered: bool = False) -> Step:
    """A step that creates a table. `columns` may use SERIAL, POSITION, BYTES and NUMBER.

    `clustered`: small rows found by their key live in the key's own tree on SQLite: one page to write instead of two.
    """
    options = {"sqlite": " STRICT, WITHOUT ROWID" if clustered else " STRICT", "postgres": ""}
    return {dialect: f"CREATE TABLE {name} {_typed(columns, dialect)}{options[dialect]}" for dialect in DIALECTS}


def _typed(columns: str, dialect: Dialect) -> str:
    for word, types in _TYPES.items():
        columns = columns.replace(word, types[dialect])
    return columns
