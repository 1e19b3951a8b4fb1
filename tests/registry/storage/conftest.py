import pytest

_TYPES = {"sqlite": ("BLOB", "REAL"), "postgres": ("BYTEA", "DOUBLE PRECISION")}


@pytest.fixture
async def things(engine):
    """An engine with a table that has every kind of constraint."""
    blob, real = _TYPES[engine.dialect]
    async with engine.schema_change() as tx:
        await tx.execute(
            "CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
            " amount BIGINT NOT NULL DEFAULT 0 CONSTRAINT thing_amount_positive CHECK (amount >= 0),"
            f" flag BOOLEAN, data {blob}, ratio {real},"
            " parent BIGINT REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED)"
        )
        await tx.execute("INSERT INTO thing (id, name) VALUES (?, ?)", 0, "root")
    return engine
