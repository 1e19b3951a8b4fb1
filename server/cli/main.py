"""The console script: commands are imported when they run, so that each starts at once.

Exit codes: 0 fine, 1 the answer is no, 2 wrong usage or unreadable input (one clear sentence on stderr).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from server.cli.groups import Commands
from server.cli.helping import FrenchHelp
from server.cli.usage import Interrupted, WrongUsage, sentence

click.Context.formatter_class = FrenchHelp
"""Every command, whatever its class, writes its help with the formatter of the library's one context."""

_COMMANDS = {
    "account": "server.cli.accounts:account",
    "check": "server.cli.check:check",
    "checks": "server.cli.check:checks",
    "demo": "server.cli.demo:demo",
    "erase": "server.cli.erase:erase",
    "init": "server.cli.install:init",
    "ledger": "server.cli.ledger:ledger",
    "migrate": "server.cli.install:migrate_database",
    "nightly": "server.cli.nightly:nightly",
    "rebuild": "server.cli.install:rebuild",
    "register": "server.cli.register:register",
    "rights": "server.cli.rights:rights",
    "secrets": "server.cli.secrets:secrets",
    "serve": "server.cli.serve:serve",
    "token": "server.cli.accounts:token",
    "verify": "server.cli.verify:verify",
    "witness": "server.cli.witness:witness",
}


class _Ecluse(Commands):
    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _in_french():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _in_french():
            return super().invoke(ctx)


@contextmanager
def _in_french() -> Iterator[None]:
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        raise WrongUsage(sentence(error)) from error
    except (click.Abort, EOFError, KeyboardInterrupt) as error:
        raise Interrupted from error


@click.group(cls=_Ecluse, places=_COMMANDS)
def _ecluse() -> None:
    """Écluse : le circuit de l'article 7, de la demande aux deux registres, chaque acte signé."""


def command() -> click.Group:
    """The command line as it is defined, for who wants to walk through it."""
    return _ecluse


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; refusals and wrong settings become one sentence on stderr and exit code 2."""
    try:
        return _ecluse.main(args=arguments, prog_name="ecluse", standalone_mode=True)
    except Exception as error:
        code = _code(error)
        if code is None:
            raise
        click.echo(f"ecluse : {error}", err=True)
        for detail in getattr(error, "details", []):
            click.echo(f"  {detail['pointer'] or '/'} : {detail['message']}", err=True)
        sys.exit(code)


def _code(error: Exception) -> int | None:
    """The exit code of an error whose message is a sentence for the operator; None for any other.

    What defines these errors is imported here: a verifier loads no database.
    """
    from registry.publishing.guard import SigningRefused
    from registry.refusals import Refusal
    from registry.storage.engines import Busy, Unusable
    from server.settings import SettingError

    if isinstance(error, SigningRefused):
        return 1
    return 2 if isinstance(error, (SettingError, Unusable, Busy, Refusal)) else None
