"""Search: the words of each exchange, and the index that each engine keeps over them.

Words are already folded and stemmed: FTS5 splits them at spaces (`ascii`), PostgreSQL is given an array. Where each
word stands is not kept (`detail=none`): a search asks for words, not for phrases. The names of the indexes' columns are
not sampled either (see the migration of erasure): a statistic would quote erased words.
"""

from collections.abc import Sequence

from registry.storage.engines import Transaction
from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0010_search"
DESCRIPTION = "Words of exchanges, and their full-text index"

_BATCH = 500


async def _fill(tx: Transaction) -> None:
    """The words of the exchanges that are there."""
    from registry.storage.exchanges import decoded
    from registry.storage.search import index_words

    after = 0
    while rows := await tx.rows(
        "SELECT position, file FROM exchange WHERE position > ? ORDER BY position LIMIT ?", after, _BATCH
    ):
        for position, file in rows:
            await index_words(tx, decoded(file), position)
        after = rows[-1][0]


FORWARDS: Sequence[Step] = (
    table("exchange_text", "(position POSITION, exchange TEXT NOT NULL UNIQUE, words TEXT NOT NULL)"),
    {
        "sqlite": (
            """CREATE VIRTUAL TABLE exchange_text_fts USING fts5(words, content='exchange_text',
            content_rowid='position', detail='none', columnsize=0, prefix='2 3', tokenize="ascii tokenchars '_'")""",
            """CREATE TRIGGER exchange_text_added AFTER INSERT ON exchange_text BEGIN
            INSERT INTO exchange_text_fts (rowid, words) VALUES (NEW.position, NEW.words); END""",
            """CREATE TRIGGER exchange_text_gone AFTER DELETE ON exchange_text BEGIN
            INSERT INTO exchange_text_fts (exchange_text_fts, rowid, words)
            VALUES ('delete', OLD.position, OLD.words); END""",
            """CREATE TRIGGER exchange_text_changed AFTER UPDATE OF words ON exchange_text BEGIN
            INSERT INTO exchange_text_fts (exchange_text_fts, rowid, words)
            VALUES ('delete', OLD.position, OLD.words);
            INSERT INTO exchange_text_fts (rowid, words) VALUES (NEW.position, NEW.words); END""",
        ),
        "postgres": (
            """CREATE INDEX exchange_text_words ON exchange_text
            USING gin (array_to_tsvector(string_to_array(words, ' ')))""",
            "ALTER TABLE exchange_text ALTER COLUMN words SET STATISTICS 0",
            "ALTER INDEX exchange_text_words ALTER COLUMN 1 SET STATISTICS 0",
        ),
    },
    _fill,
)

BACKWARDS: Sequence[Step] = (
    {"sqlite": "DROP TABLE exchange_text_fts"},
    "DROP TABLE exchange_text",
)
