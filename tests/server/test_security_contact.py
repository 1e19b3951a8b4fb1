"""Where a flaw is reported to who runs an installation (RFC 9116)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server.settings import SettingError, read_settings
from tests.world import World


async def test_nothing_is_invented_until_the_operator_says(world: World) -> None:
    assert (await world.client.get("/.well-known/security.txt")).status_code == 404


async def test_the_operators_contact_is_published_with_its_end(world: World) -> None:
    world.app.state.settings = replace(world.settings, security_contact="mailto:securite@ecluse.example")
    answer = await world.client.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:securite@ecluse.example"
    assert fields["Canonical"] == "http://ecluse.example/.well-known/security.txt"
    expires = datetime.fromisoformat(fields["Expires"])
    assert world.calendar() < expires < world.calendar() + timedelta(days=366)


@pytest.mark.parametrize(
    "address", ["securite@ecluse.example", "http://x.fr", "mailto:a b", "mailto:a\nContact: https://x"]
)
def test_a_contact_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match="ECLUSE_SECURITY_CONTACT"):
        read_settings({"ECLUSE_SECURITY_CONTACT": address})
