"""The words of each exchange, as a projection, and the engines' own indexes over them.

`exchange_text` is a plain table on both engines, so that it is refolded, compared and cleaned like any projection. On
SQLite triggers keep an FTS5 table beside it; on PostgreSQL a GIN index reads its words as a `tsvector`.
"""

from collections.abc import Sequence

from registry.exchange.file import File
from registry.searching import Query, words_of
from registry.storage.engines import Dialect, Transaction

INDEX = "exchange_text_fts"
TSVECTOR = "array_to_tsvector(string_to_array(words, ' '))"
_FACTS = frozenset({
    "state", "version", "document_hash", "filed_on", "submitted_by", "stages", "findings", "rules_version",
    "acknowledged_on", "register_entries", "activated_on", "next_review_on", "last_changed_on",
})  # fmt: skip
"""Keys of a file that change often and hold no text."""
_READ = tuple(name for name in File.__struct_fields__ if name not in _FACTS)


def text_row(file: File, position: int) -> tuple[object, ...]:
    """The row of `exchange_text`, in the order of its columns."""
    return position, file.id, words_of(file)


async def index_words(tx: Transaction, file: File, position: int) -> None:
    """The words of a new exchange."""
    await tx.execute(
        "INSERT INTO exchange_text (position, exchange, words) VALUES (?, ?, ?)", *text_row(file, position)
    )


async def follow_words(tx: Transaction, before: File, after: File, position: int) -> None:
    """The words after an act. What an act leaves alone is the very same object, so most acts cost a comparison."""
    if all(getattr(before, name) is getattr(after, name) for name in _READ):
        return
    words = words_of(after)
    await tx.execute("UPDATE exchange_text SET words = ? WHERE position = ? AND words <> ?", words, position, words)


def found_by(dialect: Dialect) -> str:
    """The positions of the exchanges that a query finds, as a subquery with one parameter (`expression`)."""
    if dialect == "sqlite":
        return f"SELECT rowid AS position FROM {INDEX} WHERE {INDEX} MATCH ?"
    return f"SELECT position FROM exchange_text WHERE {TSVECTOR} @@ CAST(CAST(? AS TEXT) AS tsquery)"


COMMON = 200
"""A last word that so many exchanges hold is a word, not the beginning of one: it is not completed. FTS5 gathers all
that a prefix finds before it gives the first row, and a word's exchanges one by one."""


async def settled(tx: Transaction, query: Query, parties: Sequence[str]) -> Query:
    """The query, its last word completed or not."""
    exact = query._replace(completed=False)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM ({found_by(tx.dialect)}) f LIMIT ?) AS few"
    common = await tx.value(sql, expression(tx.dialect, exact, parties), COMMON) >= COMMON
    return exact if common else query


def expression(dialect: Dialect, query: Query, parties: Sequence[str]) -> str:
    """The parameter of `found_by`: a query among the exchanges of parties."""
    return query.fts5(parties) if dialect == "sqlite" else query.tsquery(parties)
