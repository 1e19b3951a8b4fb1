"""Sealing people's secrets again when their key is replaced."""

from cryptography.fernet import MultiFernet

from registry.storage.accounts_factors import reseal_seed, sealed_seeds
from registry.storage.engines import Engine, Transaction


async def reseal(engine: Engine, secrets: MultiFernet) -> int:
    """Seal every seed under the newest key, in one transaction; how many there were. Raises InvalidToken."""

    async def work(tx: Transaction) -> int:
        found = await sealed_seeds(tx)
        for account, sealed in found:
            await reseal_seed(tx, account, secrets.rotate(sealed))
        return len(found)

    return await engine.transact(work)
