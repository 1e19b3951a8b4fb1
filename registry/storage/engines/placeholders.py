"""One SQL text for two engines: `?` becomes `$1`, `$2`… for PostgreSQL."""

import re
from functools import lru_cache

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@lru_cache(maxsize=4096)
def numbered(sql: str) -> str:
    """The text with its placeholders numbered in order. Raises ValueError for a `?` inside quotes.

    Cached: a text is translated once, while a statement that is built anew each time cannot fill the memory.
    """
    if any("?" in quoted for quoted in _QUOTED.findall(sql)):
        message = "a quoted text contains '?', which cannot be told from a placeholder: pass it as a parameter"
        raise ValueError(message)
    first, *others = sql.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, start=1))
