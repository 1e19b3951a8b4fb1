"""A log's files in memory, so that thousands of damaged copies are verified quickly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from registry.ledger.policy import parse_policy
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.log import LogReport, verify_log
from registry.ledger.verify.sources import FileTooLongError, MissingFileError
from tests.registry.ledger.logs import POLICY, Log
from tests.registry.ledger.samples import LOG

if TYPE_CHECKING:
    from pathlib import Path

KEY = Anchor((LOG.verifier,))
QUORUM = Anchor((LOG.verifier,), parse_policy(POLICY.encode()))


@dataclass
class MemorySource:
    files: dict[str, bytes] = field(default_factory=dict)
    live: ClassVar[bool] = False
    name: str = "journal"
    ending: str = ""

    def read(self, path: str, limit: int) -> bytes:
        if path not in self.files:
            raise MissingFileError(path)
        if len(self.files[path]) > limit:
            raise FileTooLongError
        return self.files[path]


def read_back(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def files_of(log: Log, folder: Path, checkpoint: bytes | None = None) -> dict[str, bytes]:
    return read_back(log.write(folder, checkpoint))


def verified(files: dict[str, bytes], anchor: Anchor = QUORUM, *, ending: str = "") -> LogReport:
    return verify_log(MemorySource(files, ending=ending), anchor)


def kinds(report: LogReport) -> set[str]:
    return {one.kind for one in report.findings.kept}


def found(report: LogReport) -> set[tuple[str, str, int | None]]:
    return {(one.kind, one.path, one.index) for one in report.findings.kept}
