"""The help of every command reads in French: none of the library's own words is left."""

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from server.cli.main import command

LIBRARY = re.compile(
    r"Usage:|Show this|\bCOMMAND\b|ARGS|\brequired\b|\bdefault:|INTEGER|RANGE|\bTEXT\b|\bPATH\b|\bFILE\b|DIRECTORY|"
    r"FOLDER|OWNER|REQUEST|\bPARTY\b|EMAIL|ORIGIN\b|%Y|<=|>=|Commands|Options:|\.\.\."
)


def paths(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from paths(found, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(paths(command())), ids=" ".join)
def test_the_help_of_a_command_holds_none_of_the_librarys_words(path: tuple[str, ...]) -> None:
    said = CliRunner().invoke(command(), [*path, "--help"], prog_name="ecluse", terminal_width=80)
    assert said.exit_code == 0
    assert said.output.startswith(f"Usage : {' '.join(('ecluse', *path))} ")
    assert "Afficher cette aide." in said.output
    assert not LIBRARY.search(said.output), said.output


def test_defaults_bounds_and_obligations_are_said_in_french() -> None:
    said = CliRunner().invoke(command(), ["serve", "--help"], prog_name="ecluse").output
    assert "[par défaut : 1 ; de 1 à 64]" in " ".join(said.split())
    assert "[obligatoire]" in CliRunner().invoke(command(), ["token", "issue", "--help"], prog_name="ecluse").output


def test_many_values_are_listed_after_what_the_option_does() -> None:
    said = " ".join(CliRunner().invoke(command(), ["register", "export", "--help"], prog_name="ecluse").output.split())
    assert "--format VALEUR Format du fichier. Valeurs : " in said
    assert "--audience [full|public]" in said


def test_a_missing_argument_is_named_as_the_help_names_it() -> None:
    said = CliRunner().invoke(command(), ["check"], prog_name="ecluse")
    assert said.exit_code == 2
    assert "l'argument « DEMANDE »" in said.stderr
