"""Mails arrive once: the server fails, stalls, comes back; the sender is killed between acceptance and its mark."""

import asyncio
from datetime import timedelta

import pytest

from registry.storage import outbox
from registry.storage.notices import NOW, Preference, prefer
from server.mail import postman as sender
from server.mail import smtp
from server.mail.postman import Postman
from tests.server.mail.conftest import postman_for
from tests.server.mail.servers import Box, serving, text_of
from tests.world import CAF, SGL, World, email

ASKER = email(SGL, "requester")
REFERENT = email(CAF, "business_referent")


async def _at_once(world: World, *addresses: str) -> None:
    """These want to be told at once."""

    async def work(tx: object) -> None:
        for (account,) in await world.rows(
            f"SELECT id FROM account WHERE email IN ({', '.join('?' * len(addresses))})", *addresses
        ):
            await prefer(tx, account, Preference(NOW, NOW))  # type: ignore[arg-type]

    await world.gate.engine.transact(work)


async def _states(world: World) -> list[str]:
    return sorted(row[0] for row in await world.rows("SELECT state FROM mail"))


async def test_who_is_waited_for_and_who_asked_are_told_and_nothing_typed_leaves(
    world: World, postman: Postman, box: Box
) -> None:
    await _at_once(world, ASKER, REFERENT, email(CAF, "controller"))
    request_id = await world.filed()
    assert await postman.round() == 2
    (told,) = box.told(REFERENT)
    file = await world.read(request_id)
    assert f"{file['reference']} : attend votre acte : statuer sur la recevabilité (échéance : 3 mars 2023)" in text_of(
        told
    )
    assert f"http://ecluse.example/echanges/{request_id}" in text_of(told)
    raw = told.as_string()
    assert file["request"]["title"] not in raw
    assert "Quotient" not in raw
    assert told["Message-ID"].endswith("@ecluse.example>")
    assert told["Auto-Submitted"] == "auto-generated"
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert told.get_body(("html",)) is not None
    assert box.told(ASKER) == []  # one's own act is no news

    await world.ok((CAF, "business_referent"), "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"})
    await postman.round()
    (answer,) = box.told(ASKER)
    assert "est maintenant dans l'état « En étude »" in text_of(answer)
    assert set(await _states(world)) == {"sent"}
    assert await postman.round() == 0


async def test_nothing_is_kept_to_tell_without_mail(world: World) -> None:
    await world.filed()
    assert await world.rows("SELECT id FROM notice") == []


async def test_a_server_that_is_away_and_then_refuses_gets_each_mail_once_in_the_end(world: World) -> None:
    box = Box()
    with serving(box):
        pass  # its port is known, and nobody listens there
    postman = postman_for(world, box)
    await _at_once(world, REFERENT)
    await world.filed()
    assert await postman.round() == 0
    assert await _states(world) == ["waiting"]
    ((attempts, reason),) = await world.rows("SELECT attempts, reason FROM mail")
    assert attempts == 1
    assert reason
    with serving(box):
        assert await postman.round() == 0  # not yet time
        world.calendar.minutes += 2
        box.rcpt = "451 Busy"
        assert await postman.round() == 0
        world.calendar.minutes += 3
        box.rcpt, box.data = None, "452 Full"
        assert await postman.round() == 0
        world.calendar.minutes += 9
        box.data = None
        assert await postman.round() == 1
    assert len(box.taken) == 1
    assert await _states(world) == ["sent"]


async def test_a_refused_address_fails_and_the_others_are_sent(world: World, postman: Postman, box: Box) -> None:
    await _at_once(world, REFERENT)
    await world.filed()
    box.rcpt = "550 No such user"
    assert await postman.round() == 0
    assert await world.rows("SELECT state, reason FROM mail") == [("failed", "550 No such user")]
    box.rcpt = None
    world.calendar.minutes += 600
    assert await postman.round() == 0


async def test_a_mail_is_given_up_after_five_days(world: World) -> None:
    box = Box(rcpt="451 Busy")
    with serving(box):
        postman = postman_for(world, box)
        await _at_once(world, REFERENT)
        await world.filed()
        await postman.round()
        world.calendar.day += timedelta(6)
        await postman.round()
    assert await _states(world) == ["failed"]


async def test_a_server_that_stalls_with_the_text_in_hand_is_not_given_it_again(
    world: World, postman: Postman, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "ANSWERING", 0.5)
    await _at_once(world, REFERENT)
    await world.filed()
    box.stall = True
    assert await postman.round() == 0
    assert await _states(world) == ["uncertain"]
    box.stall = False
    world.calendar.minutes += 600
    assert await postman.round() == 0
    assert len(box.taken) == 1


@pytest.mark.parametrize("moment", ["before the text", "after it was taken"])
async def test_a_kill_sends_nothing_twice(
    world: World, postman: Postman, box: Box, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies in the middle of a round; another takes over once the lease is released or over."""
    await _at_once(world, REFERENT)
    await world.filed()

    class Killed(BaseException):
        pass

    async def dies(*_given: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(outbox, "hand" if moment == "before the text" else "end_mail", dies)
        dying.setattr(sender, "release", dies)  # the dead release nothing
        with pytest.raises(Killed):
            await postman.round()
    assert len(box.taken) == (0 if moment == "before the text" else 1)
    successor = postman_for(world, box)
    assert await successor.round() == 0  # the lease of the dead one holds
    await world.gate.engine.transact(lambda tx: tx.execute("UPDATE lease SET until = 0 WHERE name = 'mail'"))
    await successor.round()
    world.calendar.minutes += 600
    await successor.round()
    assert len(box.taken) == 1
    assert await _states(world) == ["sent" if moment == "before the text" else "uncertain"]


async def test_two_processes_send_each_mail_once(world: World, postman: Postman, box: Box) -> None:
    await _at_once(world, REFERENT, email(CAF, "compliance_referent"), email(CAF, "controller"))
    for _ in range(3):
        await world.filed()
    other = postman_for(world, box)
    await asyncio.gather(postman.round(), other.round())
    await postman.round()
    identifiers = [message["Message-ID"] for message in box.taken]
    assert len(identifiers) == len(set(identifiers)) == 9


async def test_who_left_the_party_is_told_nothing_more(world: World, postman: Postman, box: Box) -> None:
    await _at_once(world, REFERENT)
    await world.filed()
    end = "UPDATE account_role SET valid_until = '2023-02-01' WHERE account = (SELECT id FROM account WHERE email = ?)"
    await world.gate.engine.transact(lambda tx: tx.execute(end, REFERENT))
    assert await postman.round() == 0
    assert await _states(world) == ["dropped"]
    assert box.taken == []
