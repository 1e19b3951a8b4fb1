"""The night's pass: it reads what is due, reminds once, gathers digests; the server makes it once a night."""

from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

from registry.gate.nightly import Pass, nightly
from registry.storage.notices import WEEKLY, Preference, prefer
from server.nightly import make_due_pass
from tests.server.mail.servers import Box, text_of
from tests.world import CAF, SGL, World, email

REFERENT, DPO = email(CAF, "business_referent"), email(CAF, "dpo")
WEDNESDAY = date(2023, 4, 26)


async def _night(world: World) -> Pass:
    return await nightly(world.gate.engine, world.calendar, "one", mailing=True)


async def test_the_pass_reads_what_was_touched_then_what_is_due_and_nothing_else(world: World) -> None:
    first, second = await world.active(), await world.active()
    assert (await _night(world)).examined == 2
    assert (await _night(world)).examined == 0
    world.calendar.day = date(2023, 6, 1)
    assert (await _night(world)).examined == 0
    await world.attach(first, "other")
    assert (await _night(world)).examined == 1
    world.calendar.day = date(2024, 3, 2)  # both reviews are late since today
    done = await _night(world)
    assert (done.examined, {change.exchange for change in done.changes}) == (2, {first, second})
    settings = {"settings": {"dpia_review_months": 1}}
    await world.ok((CAF, "dpo"), "POST", "/conventions/ctg-sol-2021-2025/checks", settings)
    assert (await _night(world)).examined == 2  # the rules changed


async def test_a_deadline_is_reminded_of_before_at_and_after_it_each_once(
    world: World,
    postman: Any,
    box: Box,
) -> None:
    world.calendar.day = WEDNESDAY
    request_id = await world.under_study()  # opinion due on 22 May
    reference = (await world.read(request_id))["reference"]
    for day in (date(2023, 5, 15) + timedelta(n) for n in range(20)):
        world.calendar.day = day
        await _night(world)
        await _night(world)
        await postman.round()
    reminders = [m for m in box.told(DPO) if str(m["Subject"]).startswith("Échéances")]
    assert [_day_of(m) for m in reminders] == ["2023-05-16", "2023-05-22", "2023-05-23"]
    assert f"{reference} : Avis du délégué à la protection des données : échéance le 22 mai 2023" in text_of(
        reminders[0]
    )
    assert "échéance aujourd'hui" in text_of(reminders[1])
    assert "échéance passée depuis le 22 mai 2023" in text_of(reminders[2])
    (attached,) = reminders[0].iter_attachments()
    calendar = attached.get_content()
    assert attached.get_content_type() == "text/calendar"
    assert "DTSTART;VALUE=DATE:20230522" in calendar
    assert f"SUMMARY:{reference}" in calendar
    identifiers = [message["Message-ID"] for message in box.taken]
    assert len(identifiers) == len(set(identifiers))


def _day_of(message: EmailMessage) -> str:
    return message["Date"].datetime.date().isoformat()


async def test_digests_come_on_working_days_or_once_a_week(world: World, postman: Any, box: Box) -> None:
    ((weekly,),) = await world.rows("SELECT id FROM account WHERE email = ?", email(CAF, "compliance_referent"))
    await world.gate.engine.transact(lambda tx: prefer(tx, weekly, Preference(digest=WEEKLY, reminder="never")))
    world.calendar.day = date(2023, 4, 28)  # a Friday; the next Monday is a public holiday
    await world.filed()
    await world.filed()
    came: dict[str, list[str]] = {}
    for day in (date(2023, 4, 29) + timedelta(n) for n in range(6)):
        world.calendar.day = day
        await _night(world)
        await postman.round()
        for message in box.taken:
            if str(message["Subject"]).startswith("Ce qui a changé"):
                came.setdefault(str(message["To"]), []).append(_day_of(message))
                assert text_of(message).count("attend votre acte") == 2
        box.taken.clear()
    assert came[REFERENT] == ["2023-05-02"]
    assert came[email(CAF, "compliance_referent")] == ["2023-05-02"]
    assert email(SGL, "requester") not in came


async def test_the_server_makes_the_pass_once_a_night(world: World) -> None:
    assert await make_due_pass(world.gate, "one")
    assert not await make_due_pass(world.gate, "two")
    world.calendar.day += timedelta(1)
    world.calendar.minutes = -9 * 60  # one o'clock in Paris
    assert not await make_due_pass(world.gate, "two")
    world.calendar.minutes = -8 * 60
    assert await make_due_pass(world.gate, "two")
