"""Running one of our scripts in a throw-away process: isolated from the environment, in a folder of its own, bounded in
memory and time. The memory of who calls it is not the script's to take."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path


@dataclass(frozen=True)
class Bounds:
    """What a script may take: bytes of memory, seconds (of processor, and in all), bytes of each file it writes."""

    memory: int
    seconds: int
    written: int = resource.RLIM_INFINITY


def run_isolated(script: Path, arguments: Sequence[str], folder: Path, bounds: Bounds, given: bytes = b"") -> None:
    """Run the script in `folder`, `given` on its standard input. Blocks; raises subprocess.TimeoutExpired, or
    subprocess.CalledProcessError with what it wrote on its standard error."""
    environment = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"}
    subprocess.run(  # noqa: S603 - our own script, on arguments that it takes as texts
        [sys.executable, "-I", str(script), *arguments],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        check=True,
        timeout=bounds.seconds,
        preexec_fn=partial(_bound, bounds),
    )


def _bound(bounds: Bounds) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (bounds.written, bounds.written))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
