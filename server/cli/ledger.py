"""`ecluse ledger …`: each command in its own module, imported when it runs."""

import importlib

import click

_COMMANDS = {
    "export": "server.cli.ledger_host:export",
    "keys": "server.cli.ledger_host:keys",
    "party-key": "server.cli.ledger_host:party_key",
    "policy": "server.cli.ledger_policy:policy",
    "recover": "server.cli.ledger_recovery:recover_guard",
    "reopen": "server.cli.ledger_recovery:reopen_log",
    "rotate": "server.cli.ledger_host:rotate",
    "verify": "server.cli.ledger_verify:verify",
}


class _Commands(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=_Commands)
def ledger() -> None:
    """Journaux signés : clés, exports, vérification."""
