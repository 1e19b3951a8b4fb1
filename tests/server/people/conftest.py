import pytest
from argon2 import PasswordHasher

from server.auth.passwords import Passwords
from tests.world import World


@pytest.fixture
async def people(world: World) -> World:
    """The application with cheap password hashes: their real cost has its own test."""
    world.app.state.auth.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    return world
