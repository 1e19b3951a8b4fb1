from collections.abc import Iterator

import pytest

from server.mail.composing import Writer
from server.mail.postman import Postman
from tests.server.mail.servers import Box, serving
from tests.world import World


@pytest.fixture
def box() -> Iterator[Box]:
    """An SMTP server that works."""
    with serving(Box()) as opened:
        yield opened


@pytest.fixture
def postman(world: World, box: Box) -> Postman:
    """The postman of an installation that sends mail; a test says when it makes its round."""
    return postman_for(world, box)


def postman_for(world: World, box: Box) -> Postman:
    world.gate.mailing = True
    writer = Writer("http://ecluse.example", "ecluse.example", "ecluse@ecluse.example", world.app.state.auth.secrets)
    return Postman(world.gate, box.settings(), writer)
