"""A group of commands, each imported when it runs, so that all start at once."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Commands(click.Group):
    """`places` says where each command is: name -> `module:attribute`."""

    def __init__(self, *args: Any, places: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(self._places)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in self._places:
            return None
        module, _, attribute = self._places[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command
