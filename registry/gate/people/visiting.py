"""Who is at the browser: what every page shows of them, and what only an open session with a party may see."""

from dataclasses import dataclass

from registry.authorisation import RIGHTS
from registry.gate.people.entering import parties_of
from registry.gate.session import Session
from registry.storage.accounts_sessions import Browser, find_session


@dataclass(frozen=True)
class Visitor:
    """A live session with what its pages show: the account's parties and roles today, their names."""

    browser: Browser
    parties: dict[str, list[str]]
    names: dict[str, str]

    @property
    def email(self) -> str:
        """The account's address."""
        return self.browser.email

    @property
    def roles(self) -> list[str]:
        """The roles held today for the party chosen."""
        return self.parties.get(self.browser.party or "", [])

    @property
    def acting(self) -> bool:
        """Whether the person acts for a party: signed in, party chosen, a role there today."""
        return self.browser.stage == "open" and bool(self.roles)

    @property
    def reads(self) -> bool:
        """Whether the person's functions give access to the party's exchanges."""
        return self.acting and bool(RIGHTS["exchange.list"].roles & set(self.roles))


async def visitor(session: Session, hashed: bytes) -> Visitor | None:
    """Who a session's key stands for, None when it is over."""
    browser = await find_session(session.tx, hashed, session.now)
    if browser is None:
        return None
    parties = await parties_of(session, browser.account)
    return Visitor(browser, parties, await party_names(session, parties))


async def party_names(session: Session, parties: dict[str, list[str]] | list[str]) -> dict[str, str]:
    """The names of parties by id, in their conventions."""
    names = {party: party for party in parties}
    for convention in await session.conventions.every(session.tx) if names else []:
        for party in convention.parties():
            if party["id"] in names:
                names[party["id"]] = str(party["name"])
    return names
