"""Making a PDF: a throw-away process typesets it, another seals it. The caller's memory is not theirs to take.

Each runs isolated from the environment, in a folder of its own, with bounded memory and time (exports.md §1).
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry.exports.pdf.document import Pdf
from registry.refusals import Refusal

MEMORY = 4 << 30
SECONDS = 120
_HERE = Path(__file__).parent


class NotMade(Refusal):
    """The PDF could not be made: too large for its process, or refused by its typesetter."""

    slug, status, title = "export-not-made", 422, "Export impossible"


@dataclass(frozen=True)
class SealKey:
    """A party's seal: its private key and certificates (PEM, the seal's own first), the name that readers show, and the
    address of a time-stamping authority (RFC 3161), None without."""

    pem: bytes
    name: str
    timestamp_url: str | None = None


def make(pdf: Pdf, file: BinaryIO, seal: SealKey | None = None) -> None:
    """Write the document to `file`, sealed (PAdES) when there is a key. Blocks; raises NotMade."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        shutil.copyfile(_HERE / "document.typ", made / "document.typ")
        for attachment in pdf.attachments:
            shutil.copyfile(attachment.path, made / attachment.name)
        (made / "data.json").write_text(json.dumps(pdf.view(), ensure_ascii=False), encoding="utf-8")
        _run("typeset.py", made, [str(int(pdf.made_at.timestamp()))], b"")
        result = made / "typeset.pdf"
        if seal is not None:
            _run("seal.py", made, [seal.name, seal.timestamp_url or ""], seal.pem)
            result = made / "sealed.pdf"
        with result.open("rb") as content:
            shutil.copyfileobj(content, file)


def _run(script: str, folder: Path, arguments: list[str], given: bytes) -> None:
    command = [sys.executable, "-I", str(_HERE / script), *arguments]
    environment = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"}
    try:
        subprocess.run(  # noqa: S603 - our own script, on arguments that it takes as texts
            command, cwd=folder, env=environment, input=given, capture_output=True, check=True, timeout=SECONDS,
            preexec_fn=_bounded,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotMade("Le document est trop long pour un PDF.") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise NotMade(f"Le PDF n'a pas pu être fait : {said[-1] if said else 'mémoire insuffisante'}.") from None


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
