"""JSON pointers (RFC 6901)."""

from collections.abc import Iterable


def pointer(path: Iterable[str | int]) -> str:
    """The pointer of a path; the empty path is the whole document."""
    return "".join(f"/{escaped(step)}" for step in path)


def escaped(step: str | int) -> str:
    """One step of a pointer, its `~` and `/` escaped."""
    return str(step).replace("~", "~0").replace("/", "~1")
