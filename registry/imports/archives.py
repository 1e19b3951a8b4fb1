"""Archives that others made: bounded, and refused in words when they are damaged."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.imports.items import Unreadable

UNPACKED = 200 << 20
"""Bytes that the members read of an archive may hold."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
"""What the standard library raises on archives cut short, altered, encrypted or packed by unknown methods."""


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, open while the body runs. Raises Unreadable when it, or a member that the body reads, is damaged."""
    try:
        with zipfile.ZipFile(path) as opened:
            yield opened
    except _DAMAGED:
        raise Unreadable("L'archive est illisible : abîmée, chiffrée ou d'une forme inconnue.") from None


def require_bounded(opened: zipfile.ZipFile, names: list[str]) -> None:
    """Raise Unreadable when these members hold more than may be unpacked."""
    if sum(opened.getinfo(name).file_size for name in names) > UNPACKED:
        raise Unreadable(f"L'archive dépasse {UNPACKED >> 20} Mo une fois décompressée.")
