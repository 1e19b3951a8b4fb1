"""Where the files of a log are read: a folder here, an address in `web`, an archive in `evidence`.

Nothing read is believed. Processes that share the work import this module alone: an HTTP client is four megabytes.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol


class MissingFileError(Exception):
    """The file is not there: a finding."""


class FileTooLongError(Exception):
    """The file is longer than its format allows: a finding."""


class UnreachableError(Exception):
    """Nothing can be said of the file: the verification stops. The message is a French sentence."""


class Readable(Protocol):
    """An opened file, or an answer."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""


class Source(Protocol):
    """The files of one log, by their paths under its prefix."""

    live: ClassVar[bool]
    """Whether the head may be another one a moment later."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def ending(self) -> str:
        """How the origin of the log read there must end; empty when the place says nothing of it."""

    def read(self, path: str, limit: int) -> bytes:
        """The whole file, of at most `limit` bytes. Raises one of this module's errors."""


@dataclass(frozen=True)
class FolderSource:
    """A log exported into a folder; in an export of several, `ending` is « /owner/year »."""

    folder: Path
    ending: str = ""
    live: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The folder's path."""
        return str(self.folder)

    def read(self, path: str, limit: int) -> bytes:
        """Read a file of the folder."""
        try:
            with (self.folder / path).open("rb") as file:
                return read_whole(file, limit)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise MissingFileError(path) from error
        except OSError as error:
            raise UnreachableError(f"« {self.folder / path} » ne peut pas être lu ({error.strerror}).") from error


def read_whole(file: Readable, limit: int) -> bytes:
    """All that is left of a file. Raises FileTooLongError beyond `limit` bytes."""
    raw = file.read(limit + 1)
    if len(raw) > limit:
        raise FileTooLongError
    return raw
