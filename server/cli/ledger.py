"""`ecluse ledger …`: each command in its own module, imported when it runs."""

import click

from server.cli.groups import Commands

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


@click.group(cls=Commands, places=_COMMANDS)
def ledger() -> None:
    """Journaux signés : clés, exports, vérification."""
