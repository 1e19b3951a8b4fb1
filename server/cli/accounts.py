"""`ecluse account add`, `ecluse account invite` and `ecluse token issue`."""

from datetime import date, datetime, timedelta

import click

from registry.authorisation import ALL, SCOPES
from registry.clock import paris_day
from registry.gate import Gate
from registry.gate.people.invitations import make as make_invitation
from registry.gate.people.invitations import make_reset
from registry.gate.people.tokens import make
from registry.gate.session import Session
from registry.storage.accounts import account_for, find_account, grant
from registry.storage.conventions import convention_ids, load_convention
from registry.storage.engines import Transaction
from registry.storage.events import SYSTEM
from schemas import enumeration, label
from server.cli.installation import Installation, run


async def require_party(tx: Transaction, party: str) -> None:
    known: set[str] = set()
    for convention_id in await convention_ids(tx):
        found = await load_convention(tx, convention_id)
        known |= {p["id"] for p in found.convention.parties()} if found else set()
    if party not in known:
        raise click.UsageError(f"Partie inconnue : « {party} ». Parties : {', '.join(sorted(known))}.")


def _roles(text: str) -> list[str]:
    roles = [role.strip() for role in text.split(",") if role.strip()]
    unknown = [role for role in roles if role not in enumeration("role")]
    if unknown or not roles:
        known = ", ".join(f"{role} ({label('role', role)})" for role in enumeration("role"))
        raise click.UsageError(f"Fonction inconnue : « {', '.join(unknown)} ». Fonctions : {known}.")
    return roles


@click.group()
def account() -> None:
    """Comptes des personnes."""


@account.command("add")
@click.argument("email", metavar="ADRESSE")
@click.option("--party", required=True, help="Identifiant de la partie.")
@click.option("--role", required=True, help=f"Fonctions, séparées par des virgules : {', '.join(enumeration('role'))}.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Dernier jour de ces fonctions.")
def add(email: str, party: str, role: str, until: datetime | None) -> None:
    """Donner des fonctions à une personne pour une partie."""
    roles = _roles(role)
    if "@" not in email:
        raise click.UsageError(f"« {email} » n'est pas une adresse électronique.")

    async def work(installation: Installation) -> None:
        now = installation.settings.clock()
        last: date | None = until.date() if until else None

        async def granting(tx: Transaction) -> None:
            await require_party(tx, party)
            await grant(tx, await account_for(tx, email, now), party, roles, paris_day(now), last)

        await installation.engine.transact(granting)

    run(work)
    click.echo(f"{email} : {', '.join(label('role', r) for r in roles)} pour {party}.")


@account.command("invite")
@click.argument("email", metavar="ADRESSE")
@click.option("--party", required=True, help="Identifiant de la partie.")
@click.option("--role", default="", help="Fonctions, séparées par des virgules ; vide pour un compte qui en a déjà.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Dernier jour de ces fonctions.")
@click.option("--reset", is_flag=True, help="Reprise d'un compte : nouveau mot de passe, seconds facteurs supprimés.")
def invite(email: str, party: str, role: str, until: datetime | None, reset: bool) -> None:
    """Préparer le lien personnel pour prendre un compte.

    Il est valable sept jours et sert une fois.
    """
    roles = _roles(role) if role else []
    last: date | None = until.date() if until else None

    async def work(installation: Installation) -> str:
        settings = installation.settings
        gate = Gate(installation.engine, installation.vault, installation.recorder, settings.clock)
        await installation.engine.read(lambda tx: require_party(tx, party))

        async def inviting(session: Session) -> str:
            if not reset:
                return (await make_invitation(session, email, party, roles, last, SYSTEM)).secret
            known = await find_account(session.tx, email)
            if known is None:
                raise click.UsageError(f"Compte inconnu : « {email} ».")
            return (await make_reset(session, known, party, SYSTEM)).secret

        return f"{settings.public_url}/invitation/{await gate.unattended(inviting)}"

    click.echo(run(work))


@click.group()
def token() -> None:
    """Jetons d'accès des machines et des essais."""


@token.command("issue")
@click.argument("email", metavar="ADRESSE")
@click.option("--party", required=True, help="Identifiant de la partie pour laquelle le jeton agit.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(list(SCOPES)),
    metavar="PORTÉE",
    help=f"Portée du jeton ; à répéter pour en donner plusieurs : {', '.join(SCOPES)}. Sans elle, toutes.",
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Dernier jour de validité ; un an sans elle.")
@click.option("--name", default="", help="Nom du jeton, dans les listes de son titulaire.")
def issue(email: str, party: str, scopes: tuple[str, ...], until: datetime | None, name: str) -> None:
    """Émettre un jeton, affiché une seule fois.

    Seule son empreinte est conservée. Un jeton ne peut jamais plus que les fonctions de son compte.
    """

    async def work(installation: Installation) -> str:
        settings = installation.settings
        gate = Gate(installation.engine, installation.vault, installation.recorder, settings.clock)
        await installation.engine.read(lambda tx: require_party(tx, party))

        async def issuing(session: Session) -> str:
            known = await find_account(session.tx, email)
            if known is None:
                raise click.UsageError(f"Compte inconnu : « {email} ». Créez-le par « ecluse account add ».")
            last = until.date() if until is not None else session.today + timedelta(days=364)
            if last < session.today:
                raise click.UsageError("Le dernier jour de validité est passé.")
            return await make(session, known, party, scopes or (ALL,), last, name=name, by=SYSTEM)

        return await gate.unattended(issuing)

    click.echo(run(work))
