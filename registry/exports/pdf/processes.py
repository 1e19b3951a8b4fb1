"""Making a PDF: a throw-away process typesets it, another seals it: the typesetter never gives memory back."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry.exports.pdf.document import Pdf
from registry.isolated import Bounds, run_isolated
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
    try:
        run_isolated(_HERE / script, arguments, folder, Bounds(MEMORY, SECONDS), given)
    except subprocess.TimeoutExpired:
        raise NotMade("Le document est trop long pour un PDF.") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise NotMade(f"Le PDF n'a pas pu être fait : {said[-1] if said else 'mémoire insuffisante'}.") from None
