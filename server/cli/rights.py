"""`ecluse rights page`: the documentation of who may do what, from the table and the routes."""

import click


@click.group()
def rights() -> None:
    """Table des droits."""


@rights.command("page")
def print_page() -> None:
    """Écrire la page de documentation des droits (Markdown)."""
    from registry.authorisation.page import page
    from server.served import addresses

    click.echo(page(addresses()), nl=False)
