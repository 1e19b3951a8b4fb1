"""The options by which a party says what it kept itself: keys, a policy, older heads."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from registry.ledger.errors import LedgerError
from registry.ledger.keys import Verifier, parse_vkey
from registry.ledger.notes import MAX_BYTES
from registry.ledger.policy import Policy, parse_policy
from registry.ledger.verify.anchor import Anchor, Kept, read_kept

Command = TypeVar("Command", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)
_DAY = 24 * 3600
_AHEAD = 300
"""Seconds by which a witness's clock may be ahead of this one."""


def anchor_options(command: Command) -> Command:
    """Add --key, --policy, --max-age and --old; the command receives them as `read_anchor` takes them."""
    options = (
        click.option("--key", "keys", multiple=True, metavar="VKEY", help="Clé du journal, conservée par la partie."),
        click.option("--policy", type=_FILE, help="Politique : clés, témoins et quorum exigés (tlog-policy)."),
        click.option("--max-age", type=click.IntRange(min=1), help="Âge maximal des cosignatures, en jours."),
        click.option("--old", multiple=True, type=_FILE, help="Tête du journal conservée par la partie."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def read_anchor(keys: tuple[str, ...], policy: Path | None, max_age: int | None, old: tuple[Path, ...]) -> Anchor:
    """What the options say. Raises click.UsageError on what cannot be read, or a maximum age without a policy."""
    if max_age and not policy:
        raise click.UsageError("--max-age porte sur les témoins d'une politique : donnez --policy.")
    now = int(time.time())
    return Anchor(
        tuple(_key(vkey) for vkey in keys),
        _policy(policy) if policy else None,
        tuple(_kept(path) for path in old),
        now - max_age * _DAY if max_age else 0,
        now + _AHEAD,
    )


def _key(vkey: str) -> Verifier:
    try:
        return parse_vkey(vkey)
    except LedgerError as error:
        raise click.UsageError(f"« {vkey} » n'est pas une clé de journal (nom+identifiant+clé).") from error


def _policy(path: Path) -> Policy:
    try:
        return parse_policy(read_file(path))
    except LedgerError as error:
        raise click.UsageError(f"« {path} » n'est pas une politique lisible (format tlog-policy).") from error


def _kept(path: Path) -> Kept:
    try:
        return read_kept(read_file(path, MAX_BYTES))
    except LedgerError as error:
        raise click.UsageError(f"« {path} » n'est pas une tête de journal.") from error


def read_file(path: Path, limit: int | None = None) -> bytes:
    """A file's bytes, the first `limit` + 1 of them when given. Raises click.UsageError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(-1 if limit is None else limit + 1)
    except OSError as error:
        raise click.UsageError(f"« {path} » ne peut pas être lu ({error.strerror}).") from error
