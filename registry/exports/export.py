"""Running an export: lines go to a writer batch by batch, the manifest is sealed once the last line is known."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from registry.exports.heading import Heading
from registry.exports.manifest import Manifest
from registry.processing.normal import normal

Document = dict[str, Any]
Batches = AsyncIterator[list[Document]]
Step = Callable[[], None]
"""Called once for each record that is written; may raise to stop the export."""
Seal = Callable[[Document], Awaitable[Mapping[str, Any]]]
"""Records the export as an event: takes the manifest's facts, answers its signed `record` and the last `head`."""


class Writer(Protocol):
    """One file being written, in its caller's thread."""

    def add(self, line: Document, record: Document) -> None:
        """Take one line of the register; `record` is its record's normal form."""

    def content_sha256(self) -> str | None:
        """The SHA-256 (hex) of what the manifest will follow, where the file's bytes are settled by then."""

    def finish(self, manifest: Document, step: Step) -> None:
        """Write what remains; `manifest` is empty for formats that cannot hold one."""

    def close(self) -> None:
        """Let go of what the writer holds beside the file, whether it finished or not."""


class Plain:
    """What a writer that keeps nothing for later has in common."""

    def content_sha256(self) -> str | None:
        """The manifest travels beside."""
        return None

    def finish(self, _manifest: Document, _step: Step) -> None:
        """Nothing remains to be written."""

    def close(self) -> None:
        """Nothing is held beside the file."""


@dataclass(frozen=True)
class Format:
    """A format: how a writer is opened on a seekable file; the file's suffix and media type; whether it holds its
    manifest; the kinds of register it can express."""

    name: str
    suffix: str
    media_type: str
    open: Callable[[BinaryIO, Heading], Writer]
    embeds: bool = True
    kinds: tuple[str, ...] = ("controller", "processor")


async def unsealed(_facts: Document) -> Mapping[str, Any]:
    """No signature: the manifest of an export that is not an event."""
    return {}


async def write_export(
    form: Format, heading: Heading, batches: Batches, file: BinaryIO, seal: Seal = unsealed, step: Step = lambda: None
) -> Document:
    """Write an export to a file opened for reading and writing; answers its manifest. The event loop is free meanwhile.

    1. Lines are written and fingerprinted as they come.
    2. A format that holds its manifest gets it once sealed, at its end.
    3. Another format's manifest names the finished file's SHA-256.
    """
    with closing(await asyncio.to_thread(form.open, file, heading)) as writer:
        return await _write(form, Manifest(form.name, heading), writer, batches, file, seal, step)


async def _write(
    form: Format, manifest: Manifest, writer: Writer, batches: Batches, file: BinaryIO, seal: Seal, step: Step
) -> Document:
    def add(lines: list[Document]) -> None:
        for line in lines:
            record = normal(line["record"])
            writer.add(line, record)
            manifest.note(line, record)
            step()

    async for lines in batches:
        await asyncio.to_thread(add, lines)
    if form.embeds:
        facts = manifest.facts(content_sha256=writer.content_sha256())
        document = manifest.document(facts, await seal(facts))
        await asyncio.to_thread(writer.finish, document, step)
        return document
    await asyncio.to_thread(writer.finish, {}, step)
    facts = manifest.facts(file_sha256=await asyncio.to_thread(file_sha256, file))
    return manifest.document(facts, await seal(facts))


def file_sha256(file: BinaryIO) -> str:
    """The SHA-256 (hex) of a whole open file; it is left at its end."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()
