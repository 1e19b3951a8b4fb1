"""The server's log: one JSON line a message on stderr, of what went wrong and where, not of who nor of what they typed.

There is no access log: no address, no e-mail, no query is written. A trace holds places in the program and kinds of
errors; their messages are left out, because databases and parsers quote values in them.
"""

import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def configure_logs() -> None:
    """Configure structlog for the process that serves."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_words,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def without_words(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as the kinds and places of its chain, the first cause first."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["exception"] = _chain(error)
    return event


def _chain(error: BaseException) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    here: BaseException | None = error
    while here is not None and id(here) not in seen:
        seen.add(id(here))
        kind = type(here)
        frames = traceback.extract_tb(here.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        found.append({"kind": f"{kind.__module__}.{kind.__qualname__}", "places": places})
        here = here.__cause__ or (None if here.__suppress_context__ else here.__context__)
    return found[::-1]
