"""The convention's page: what its calendar says, and its acts by forms, by those whose functions open them."""

import re

from tests.server.people.browsers import Browser, account, browser
from tests.world import CAF, OULLINS, SGL, World, email

HOSTILE = "<script>alert(1)</script> « avenant » & suite"


async def _in(world: World, party: str, role: str) -> Browser:
    await account(world, email(party, role), party)
    opened = browser(world)
    await opened.sign_in(email(party, role))
    await opened.follow(await opened.post("/connexion/partie", {"party": party, "agrees": "yes", "next": "/"}))
    await opened.install_codes()
    return opened


async def test_a_controller_gives_notice_then_terminates_and_everybody_reads_why(people: World) -> None:
    controller, reader = await _in(people, SGL, "controller"), await _in(people, CAF, "requester")
    assert "Ce que vous pouvez faire" not in await reader.see("/convention")
    assert (await reader.get("/convention/actes/preavis")).status_code == 403
    await controller.see("/convention/actes/preavis")
    letter = {"ground": "breach_of_obligations", "sent_on": "", "reference": "LRAR 1", "reasons": HOSTILE}
    refused = await controller.post("/convention/actes/preavis", letter)
    assert refused.status_code == 422
    assert HOSTILE not in refused.text  # escaped, and not lost
    assert "&lt;script&gt;alert(1)" in refused.text
    assert 'href="#sent_on"' in refused.text
    given = await controller.follow(
        await controller.post("/convention/actes/preavis", letter | {"sent_on": "2023-01-20"})
    )
    assert "Mettre en demeure ou dénoncer" in given
    assert "Le délai de la mise en demeure" in given
    form = await controller.see("/convention/actes/resiliation")
    assert "LRAR 1" in form
    (notice,) = set(re.findall(r'value="([0-9a-f-]{36})"', form))
    ended = {"notice": notice, "reference": "Décision 4", "reasons": "Sans effet."}
    after = await controller.follow(await controller.post("/convention/actes/resiliation", ended))
    assert "Résiliée" in after
    assert "obligation de confidentialité" in after
    assert "Sans effet." in await reader.see("/convention")


async def test_the_secretariat_keeps_the_committee(people: World) -> None:
    secretariat = await _in(people, CAF, "secretariat")
    other = await _in(people, OULLINS, "secretariat")
    await secretariat.see("/convention/actes/membre")
    seat = {"party": SGL, "function": "Adjointe à l'enfance", "kind": "full_member", "from": "2023-03-01", "until": ""}
    page = await secretariat.follow(await secretariat.post("/convention/actes/membre", seat))
    assert "Adjointe à l&#39;enfance" in page
    assert "n&#39;est pas à parité" in page
    met = {"held_on": "2023-03-01", "present": [CAF, SGL], "subjects": "Bilan.", "minutes_sha256": ""}
    page = await secretariat.follow(await secretariat.post("/convention/actes/reunion", met))
    assert "Dernière réunion le 1 mars 2023" in page or "Dernière réunion le 1er mars 2023" in page
    await other.see("/convention/actes/reunion")
    refused = await other.post("/convention/actes/reunion", met)
    assert refused.status_code == 403
    assert "assuré par une autre partie" in refused.text
    assert (await other.get("/convention/actes/inconnu")).status_code == 404
