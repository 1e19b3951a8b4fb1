async def test_a_committed_row_is_read_back(engine):
    async def work(tx):
        await tx.execute("INSERT INTO counter (name, value) VALUES (?, ?)", "a", 1)
    await engine.transact(work)
    assert tuple(await engine.read(lambda tx: tx.row("SELECT name, value FROM counter WHERE name = ?", "a"))) == ("a", 1)
