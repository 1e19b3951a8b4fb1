"""Wrong usage, said in one French sentence on stderr instead of the library's English block."""

from typing import IO, Any

import click

EXIT_CODE = 2


class WrongUsage(click.ClickException):
    """One sentence, exit code 2."""

    exit_code = EXIT_CODE

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"ecluse : {self.message}", file=file, err=file is None)


class Interrupted(click.ClickException):
    """The operator stopped the command (Ctrl-C, or no answer to a question)."""

    def __init__(self) -> None:
        super().__init__("interrompu.")

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"\necluse : {self.message}", file=file, err=file is None)


def sentence(error: click.UsageError) -> str:
    """What is wrong in the command typed; our own refusals already are such sentences."""
    path = error.ctx.command_path if error.ctx else "ecluse"
    help_line = f"(« {path} --help » l'explique)"
    if isinstance(error, click.MissingParameter):
        return f"Il manque {_named(error.param)} {help_line}."
    if isinstance(error, click.NoSuchOption):
        return f"Option inconnue : « {error.option_name} » {help_line}."
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"Commande inconnue : « {error.command_name} » {help_line}."
    if isinstance(error, click.BadOptionUsage):
        return f"L'option « {error.option_name} » est mal employée {help_line}."
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{_named(error.param).capitalize()} : {_admitted(error.param.type) or error.message}"
    if error.message.startswith("Got unexpected"):
        return f"La commande compte un argument de trop {help_line}."
    return error.message


def _named(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return f"l'option « {param.opts[0]} »"
    return f"l'argument « {(param.metavar or param.name or '').upper() if param else ''} »"


def _admitted(kind: click.ParamType[Any]) -> str:
    """What the library's own types admit; empty for ours, whose messages are French."""
    if isinstance(kind, click.Choice):
        return f"valeurs admises : {', '.join(map(str, kind.choices))}."
    if isinstance(kind, click.IntRange):
        return f"un nombre entier de {kind.min} à {kind.max} est attendu."
    return ""
