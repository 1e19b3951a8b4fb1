"""When to try again what failed: twice as long after each failure, up to a limit."""

import time
from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
_DOUBLINGS = 12


class Patience(Generic[Key]):
    """Failures by key, in memory: a restart tries everything at once."""

    def __init__(self) -> None:
        self._failures: dict[Key, tuple[int, float]] = {}

    def is_ready(self, key: Key) -> bool:
        """Whether it may be tried now."""
        return self._failures.get(key, (0, 0.0))[1] <= time.monotonic()

    def is_due(self) -> bool:
        """Whether something that failed may be tried again."""
        return any(self.is_ready(key) for key in self._failures)

    def failed(self, key: Key, longest: float) -> int:
        """It failed once more: wait 1 s, then 2, 4… `longest` at most. How many times it failed in a row."""
        count = self._failures.get(key, (0, 0.0))[0] + 1
        pause = min(2.0 ** min(count - 1, _DOUBLINGS), longest)
        self._failures[key] = (count, time.monotonic() + pause)
        return count

    def succeeded(self, key: Key) -> None:
        """Forget its failures."""
        self._failures.pop(key, None)

    def keep(self, keys: Collection[Key]) -> None:
        """Forget those that are no longer tried."""
        self._failures = {key: failure for key, failure in self._failures.items() if key in keys}
