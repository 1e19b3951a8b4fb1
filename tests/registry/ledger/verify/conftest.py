from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.registry.ledger.logs import sized
from tests.registry.ledger.verify.memory import files_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Four records: opening, policy, two acts."""
    return files_of(sized(4), tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """70,000 records: tiles of three levels."""
    return sized(70_000).write(tmp_path_factory.mktemp("big"))
