"""Messages between the parties of an exchange: said in the file, so that nothing is settled beside it."""

from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.events import Event
from registry.exchange.file import File


def send(_file: File, command: Command, context: Context) -> list[Event]:
    """A message, which both parties read; it changes nothing else of the exchange."""
    return [command.event(context)]
