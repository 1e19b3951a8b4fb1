"""Acts done through their pages, as a browser without JavaScript does them."""

from __future__ import annotations

import re
from typing import Any

from tests.server.people.browsers import Browser, entered
from tests.server.people.controls import controls
from tests.world import World, email


async def person(world: World, party: str, role: str) -> Browser:
    """Somebody who holds a function; those who sign have their second factor at hand."""
    return await entered(world, email(party, role), party, role, codes=role in {"dpo", "controller"})


def form_in(page: str, marker: str = 'class="panel act"') -> dict[str, list[str]]:
    """What a browser would send of the act's form."""
    start = page.rindex("<form", 0, page.index(marker))
    return controls(page[start : page.index("</form>", start)]).sent


async def send(who: Browser, path: str, **answers: Any) -> Any:
    """The form of an act, filled in and sent; what was answered before is kept. `__` is a name's slash."""
    await who.see(path)
    given = {name.replace("__", "/"): value for name, value in answers.items()}
    marker = 'class="panel act"' if 'class="panel act"' in who.page else 'class="filing"'
    return await who.post(path, {**form_in(who.page, marker), **given})


async def sign(who: Browser, path: str, **answers: Any) -> str:
    """A grave act: filled in, identity confirmed, re-read, signed; the page where it leads."""
    sent = await send(who, path, **answers)
    assert sent.status_code == 303, who.text
    reread = sent.headers["location"]
    asked = await who.get(reread)
    if asked.status_code == 303:
        confirmation = asked.headers["location"]
        assert confirmation.startswith("/confirmation?next=")
        await who.see(confirmation)
        asked = await who.post("/confirmation", {"code": who.code(), "next": reread})
        await who.follow(asked)
    saved = re.search(r'name="_saved" value="([^"]+)"', who.page)
    assert saved, who.text
    return await who.follow(await who.post(reread, {"_saved": saved.group(1)}))
