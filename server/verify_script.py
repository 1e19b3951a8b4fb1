"""Runs `ecluse verify --json` on a file, its answer in another. Run as a script, isolated; exit code 3 with a sentence
on its standard error when the file, or what it is compared with, cannot be read."""

import contextlib
import sys
from pathlib import Path

import click


def main(target: Path, arguments: list[str]) -> None:
    """Write what the command answers."""
    from server.cli.verify import verify

    try:
        with target.open("w", encoding="utf-8") as answer, contextlib.redirect_stdout(answer):
            verify.main([*arguments, "--json"], standalone_mode=False)
    except SystemExit:  # 0 or 1: the answer says which
        return
    except click.ClickException as error:
        _refuse(error.message)
    except Exception as error:  # noqa: BLE001 - a refusal of a reader of files carries a sentence for people
        _refuse(getattr(error, "sentence", ""))


def _refuse(sentence: str) -> None:
    sys.stderr.write(sentence)
    raise SystemExit(3)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
