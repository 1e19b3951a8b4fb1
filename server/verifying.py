"""Verifying a file that anybody sends: the offline command itself, in a process bounded in memory and time."""

import json
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from registry.exports import SUFFIX
from registry.imports.archives import UNPACKED
from registry.imports.verification import RECEIPT
from registry.isolated import Bounds, run_isolated
from registry.refusals import Detail, Invalid
from registry.storage.rates import TooOften

SIZE = 25_000_000
"""Bytes of all the files of one verification."""
AT_ONCE = 2
_SCRIPT = Path(__file__).with_name("verify_script.py")
_BOUNDS = Bounds(memory=2 << 30, seconds=60, written=2 * UNPACKED)
"""No less than what the command gives the process in which it reads a spreadsheet."""
_KNOWN = (RECEIPT, SUFFIX)
_ENDINGS = (".ods", ".xlsx", ".json", ".jsonld", ".pdf", ".csv", ".zip", RECEIPT)
_KEYS = 20
_WAIT = 20
_room = threading.BoundedSemaphore(AT_ONCE)


def verify_files(files: Sequence[tuple[str, bytes]], kept: Mapping[str, str]) -> dict[str, Any]:
    """What the command answers of a file (with its receipt or manifest beside it, when they are sent too), compared
    with what was `kept`: `keys` (one a line), `policy`, `old`. Blocks; raises Invalid or TooOften."""
    if not _room.acquire(blocking=False):
        raise TooOften(_WAIT)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _verified(Path(folder), files, kept)
    finally:
        _room.release()


def _verified(folder: Path, files: Sequence[tuple[str, bytes]], kept: Mapping[str, str]) -> dict[str, Any]:
    main = _main(files)
    named = folder / f"fichier{_ending(main[0])}"
    named.write_bytes(main[1])
    for name, content in files:
        beside = next((ending for ending in _KNOWN if name.endswith(ending)), None)
        if beside is not None and (name, content) != main:
            named.with_name(named.name + beside).write_bytes(content)
    answer = folder / "reponse.json"
    try:
        run_isolated(_SCRIPT, [str(answer), str(named), *_arguments(folder, kept)], folder, _BOUNDS)
    except subprocess.TimeoutExpired:
        raise _invalid("file", "Ce fichier est trop long à vérifier ici : vérifiez-le hors ligne.") from None
    except subprocess.CalledProcessError as error:
        raise _invalid(*_refused(error, named.name)) from None
    report: dict[str, Any] = json.loads(answer.read_bytes())["reports"][0]
    return report


def _main(files: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The file to verify: the one that is not there to accompany another."""
    alone = [one for one in files if not one[0].endswith(_KNOWN)]
    if len(alone) > 1 or not files:
        raise _invalid("file", "Choisissez un seul fichier, avec son reçu ou son manifeste s'il en a un à côté de lui.")
    return alone[0] if alone else files[0]


def _ending(name: str) -> str:
    return next((ending for ending in _ENDINGS if name.casefold().endswith(ending)), "")


def _arguments(folder: Path, kept: Mapping[str, str]) -> list[str]:
    keys = [line.strip() for line in kept.get("keys", "").splitlines() if line.strip()]
    found = [part for key in keys[:_KEYS] for part in ("--key", key)]
    for name in ("policy", "old"):
        text = kept.get(name, "").replace("\r\n", "\n").strip("\n")
        if text:
            path = folder / f"{name}.txt"
            path.write_text(f"{text}\n", encoding="utf-8")
            found += [f"--{name}", str(path)]
    return found


def _refused(error: subprocess.CalledProcessError, name: str) -> tuple[str, str]:
    """The field that a refusal is about, and its sentence."""
    said = error.stderr.decode(errors="replace").strip() if error.returncode == 3 else ""
    for field, sign, sentence in (
        ("keys", "clé de journal", "Une de ces lignes n'est pas une clé de journal (nom+identifiant+clé)."),
        ("policy", "politique lisible", "Ce texte n'est pas une politique de témoins."),
        ("old", "tête de journal", "Ce texte n'est pas une tête de journal, telle que l'hébergeur la publie."),
    ):
        if sign in said:
            return field, sentence
    if said and name not in said:
        return "file", said
    return "file", "Ce fichier n'est ni un reçu, ni un dossier de preuves, ni un registre exporté lisible."


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, [Detail(pointer=f"/{field}", message=message)])
