"""`ecluse erase`: texts of an exchange or a register entry, or a person's account, then the copies that files keep."""

import asyncio
import time
from datetime import datetime
from typing import Any

import click

from registry.clock import paris_day
from registry.exchange.context import Actor
from registry.gate.erasure import erase_account, erase_entry, erase_request
from registry.gate.session import Session
from registry.refusals import Detail, Invalid
from registry.storage.cleaning import clean
from registry.storage.conventions import Conventions
from registry.storage.engines import Busy, Transaction
from registry.storage.events import SYSTEM
from schemas import enumeration, label, violations
from server.cli.accounts import require_party
from server.cli.installation import Installation, run

_PATIENCE, _PAUSE = 60.0, 1.0
"""Seconds during which cleaning is tried again, and between two tries."""


def _labelled(name: str) -> str:
    return " ; ".join(f"{value} ({label(name, value)})" for value in enumeration(name))


@click.command()
@click.option("--request", help="Identifiant de l'échange.")
@click.option("--entry", help="Identifiant de la fiche du registre.")
@click.option("--account", help="Adresse électronique de la personne dont le compte est effacé.")
@click.option("--finish", is_flag=True, help="Achever le nettoyage des fichiers après un effacement interrompu.")
@click.option("--party", help="Partie dont le responsable de traitement a décidé (échange, fiche).")
@click.option("--revision", type=click.IntRange(min=1), help="N'effacer que les textes de cet acte de l'historique.")
@click.option("--attachment", help="N'effacer que cette pièce (empreinte SHA-256).")
@click.option(
    "--legal-basis",
    metavar="FONDEMENT",
    type=click.Choice(enumeration("erasure_basis")),
    help=f"Fondement : {_labelled('erasure_basis')}.",
)
@click.option(
    "--reason",
    metavar="MOTIF",
    type=click.Choice(enumeration("erasure_reason")),
    help=f"Motif : {_labelled('erasure_reason')}.",
)
@click.option("--dpo-informed-on", type=click.DateTime(["%Y-%m-%d"]), help="Jour où le délégué a été informé.")
def erase(
    request: str | None,
    entry: str | None,
    account: str | None,
    finish: bool,
    party: str | None,
    revision: int | None,
    attachment: str | None,
    legal_basis: str | None,
    reason: str | None,
    dpo_informed_on: datetime | None,
) -> None:
    """Effacer ce que des personnes ont écrit.

    Les faits et les preuves restent, et se vérifient toujours. L'effacement est enregistré dans le journal avec son
    fondement, puis les fichiers de la base sont nettoyés. Les sauvegardes, les journaux de transactions archivés et les
    reçus déjà remis aux parties restent à traiter à part.
    """
    if sum(one not in {None, False} for one in (request, entry, account, finish)) != 1:
        raise click.UsageError("Indiquez ce qui est à effacer : --request, --entry ou --account ; ou --finish.")
    if finish:
        _conclude(run(_finished))
        return
    if account is None and party is None:
        raise click.UsageError("Indiquez la partie qui a décidé (--party).")
    body = _body(revision, attachment, legal_basis, reason, dpo_informed_on)

    async def work(installation: Installation) -> tuple[str, bool]:
        async def erasing(tx: Transaction) -> str:
            session = await _session(installation, tx, party)
            if request is not None:
                return await _request(session, request, body)
            return await (_entry(session, entry, body) if entry is not None else _account(session, str(account), body))

        said = await installation.engine.transact(erasing)
        return said, await _finished(installation)

    said, cleaned = run(work)
    click.echo(said)
    _conclude(cleaned)


def _body(
    revision: int | None,
    attachment: str | None,
    legal_basis: str | None,
    reason: str | None,
    informed: datetime | None,
) -> dict[str, Any]:
    """The body that the API would get. Raises Invalid."""
    scope = "revision" if revision is not None else "attachment" if attachment is not None else "object"
    given = {
        "scope": scope,
        "revision": revision,
        "sha256": attachment,
        "legal_basis": legal_basis,
        "reason": reason,
        "dpo_informed_on": informed.date().isoformat() if informed else None,
    }
    body = {key: value for key, value in given.items() if value is not None}
    if found := violations("erasure", body):
        raise Invalid("L'effacement n'est pas décrit comme il faut.", [Detail(vars(one)) for one in found])
    return body


async def _session(installation: Installation, tx: Transaction, party: str | None) -> Session:
    """The operator, for the controller of the party."""
    if party is not None:
        await require_party(tx, party)
    now = installation.settings.clock()
    actor = Actor(SYSTEM, party or "", frozenset({"controller"}))
    return Session(tx, actor, now, paris_day(now), installation.vault, installation.recorder, Conventions())


async def _request(session: Session, request_id: str, body: dict[str, Any]) -> str:
    done = await erase_request(session, request_id, body)
    file = done.value
    if file is None or not session.made:
        return "Rien à effacer : il n'y a pas de texte ici, ou il est déjà effacé."
    said = f"{file.reference} : effacement enregistré ({label('erasure_scope', body['scope']).lower()})."
    kept = ", ".join(file.register_entries.values())
    if kept:
        said += f" Les fiches de registre tirées de cet échange gardent leurs textes : {kept}."
    return said


async def _entry(session: Session, entry_id: str, body: dict[str, Any]) -> str:
    done = await erase_entry(session, session.actor.party, entry_id, body)
    if done.value is None or not session.made:
        return "Rien à effacer : il n'y a pas de texte ici, ou il est déjà effacé."
    return f"{done.value.entry.reference} : effacement enregistré ({label('erasure_scope', body['scope']).lower()})."


async def _account(session: Session, email: str, body: dict[str, Any]) -> str:
    if not await erase_account(session, email, body):
        return "Aucun compte n'a cette adresse : il n'y a rien à effacer."
    return "Compte effacé : ses actes restent, sous des pseudonymes qui ne désignent plus personne."


async def _finished(installation: Installation) -> bool:
    """Clean until it is done, or others hold older states for too long."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            if await clean(installation.engine):
                return True
        except Busy:
            pass
        if time.monotonic() > end:
            return False
        await asyncio.sleep(_PAUSE)


def _conclude(cleaned: bool) -> None:
    if not cleaned:
        click.echo(
            "Les fichiers de la base gardent encore des copies de ce qui est effacé : une lecture en cours les "
            "retient. Relancez « ecluse erase --finish » quand elle sera finie ; le serveur le fait aussi de lui-même.",
            err=True,
        )
        raise SystemExit(1)
    click.echo("Fichiers de la base nettoyés.")
