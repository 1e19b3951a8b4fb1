"""Makes the demonstration's home: keys, database, convention, accounts, then the story."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from registry.clock import paris_day
from registry.convention_command import ConventionCommand
from registry.exchange.file import File
from registry.gate import Gate
from registry.gate.conventions import load_document
from registry.storage.accounts import account_for, grant, issue_token
from registry.storage.engines import Engine, Transaction, engine_for
from registry.storage.migrations import migrate
from schemas import enumeration
from schemas.references import reference
from server.demo.player import Calendar, Person, Player
from server.demo.steps import CAF, CONVENTION
from server.demo.story import play
from server.home import DEMO_MARK, create_keys, load_recorder, load_vault, write_private
from server.seals import make_demonstration_seal
from server.settings import SettingError, Settings

TOKENS = "tokens.env"
_MARK_TEXT = "Ce dossier appartient à la démonstration d'Écluse : « ecluse demo » l'efface et le refait.\n"
_TOKEN_DAYS = 3650


def prepare_folder(settings: Settings) -> None:
    """An empty home marked as the demonstration's own, its guard gone with it. Raises SettingError rather than wipe
    anything else."""
    folder = settings.home
    if folder.exists():
        if any(folder.iterdir()) and not (folder / DEMO_MARK).is_file():
            raise SettingError(f"« {folder} » n'est pas un dossier de démonstration : rien n'a été effacé.")
        shutil.rmtree(folder)
        settings.guard_file.unlink(missing_ok=True)
    folder.mkdir(parents=True)
    (folder / DEMO_MARK).write_text(_MARK_TEXT, encoding="utf-8")


async def build(settings: Settings) -> tuple[list[Person], File]:
    """Fill a prepared home; answers the accounts and the exchange of today. Raises AlreadyDone when the database
    already holds the reference convention."""
    create_keys(settings)
    engine = engine_for(settings.database_url)
    await engine.open(create=True)
    try:
        await migrate(engine)
        return await _fill(settings, engine)
    finally:
        await engine.close()


async def _fill(settings: Settings, engine: Engine) -> tuple[list[Person], File]:
    vault, recorder = load_vault(settings), load_recorder(settings)
    today = paris_day(settings.clock())
    calendar = Calendar(date(2022, 1, 3), today, settings.clock)
    document = reference("convention")

    async def accounts(tx: Transaction) -> list[Person]:
        await load_document(tx, document, calendar(), vault, recorder)
        return [await _account(tx, settings, *one) for one in _functions(document)]

    people = await engine.transact(accounts)
    player = Player(Gate(engine, vault, recorder, calendar), calendar, people)
    await _delegations(player, people)
    for party in document["parties"]:
        make_demonstration_seal(settings, party["id"], party["name"], settings.clock())
    file = await play(player, today)
    write_private(settings.home / TOKENS, _tokens(people).encode())
    return people, file


def _functions(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(party, role, e-mail) of every function of every party; DPOs under the address the convention gives."""
    for party in document["parties"]:
        party_id = party["id"]
        for role in enumeration("role"):
            if role == "secretariat" and party_id != CAF:
                continue
            address = (
                party["contacts"]["dpo_email"] if role == "dpo" else f"{role.replace('_', '-')}@{party_id}.example"
            )
            yield party_id, role, address


async def _account(tx: Transaction, settings: Settings, party: str, role: str, email: str) -> Person:
    account = await account_for(tx, email, settings.clock())
    if role not in {"dpo", "delegate"}:
        await grant(tx, account, party, [role], date(2021, 1, 1), None)
    token = await issue_token(tx, account, party, settings.clock(), _TOKEN_DAYS)
    return Person(email, party, (role,), token)


async def _delegations(player: Player, people: list[Person]) -> None:
    """Each living controller delegates its signature, from the first day of the story."""
    for person in people:
        if "delegate" in person.roles and person.party != "oullins-pierre-benite":
            body = {
                "user": person.email,
                "valid_from": player.calendar.day.isoformat(),
                "valid_until": None,
                "reference": "Arrêté de délégation (démonstration)",
            }
            command = ConventionCommand("delegation", body, person.party)
            await player.amend(CONVENTION, person.party, "controller", command)


def _tokens(people: list[Person]) -> str:
    """Shell variables, one a person: `CAF_RHONE_DPO=ecl_…`."""
    lines = [f"{variable(person)}={person.token}" for person in people]
    return "\n".join(["# Jetons de la démonstration ; à lire avec « . tokens.env ».", *lines, ""])


def variable(person: Person) -> str:
    """The shell variable that holds a person's token."""
    return f"{person.party}_{person.roles[0]}".upper().replace("-", "_")


def at_home(settings: Settings, folder: Path) -> Settings:
    """The same settings with the demonstration's home; on SQLite its own file, else the (empty) database given."""
    own = f"sqlite:///{(folder / 'ecluse.sqlite3').absolute()}"
    url = own if settings.on_sqlite else settings.database_url
    return replace(settings, home=folder, guard=None, database_url=url, oidc=None)
