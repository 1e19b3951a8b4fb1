"""CPU of the parts of one write: validation, checks, splitting, signing; no database."""

import json
import time
from collections.abc import Callable
from datetime import date
from importlib import resources
from typing import Any

from registry.conformity import check_request
from registry.ledger.canonical import canonical
from registry.ledger.keys import Signer
from registry.ledger.records import Record, sign_record
from schemas import split, violations

ROUNDS = 2000


def reference(name: str) -> Any:
    """A reference document of the package."""
    return json.loads(resources.files("schemas").joinpath(f"reference/{name}.json").read_text(encoding="utf-8"))


def _cpu(work: Callable[[], object]) -> float:
    """Microseconds of CPU of one call."""
    work()
    began = time.process_time()
    for _ in range(ROUNDS):
        work()
    return (time.process_time() - began) / ROUNDS * 1e6


def report() -> None:
    """Print each part, and validation plus checks against its limit of 2 ms."""
    convention = reference("convention")
    document = reference("requests")["requests"][3]["request"]
    file = {"request": document}
    signer = Signer.generate("ecluse.example/ledger/x/2026/recorder")
    record = Record(
        log="ecluse.example/ledger/x/2026", object="6513270e-269e-4d37-b2a7-4de452e6b438", revision=1,
        at="2026-11-23T07:00:00.000Z", type="exchange", actor="UKSjptB/XAwS", commit="A" * 43 + "=",
    )  # fmt: skip
    parts = {
        "validation": _cpu(lambda: violations("request", document)),
        "request-phase checks": _cpu(lambda: check_request(file, convention, date(2023, 9, 4))),
        "split into facts and texts": _cpu(lambda: split("request", document)),
        "canonical JSON": _cpu(lambda: canonical(document)),
        "sign a record": _cpu(lambda: sign_record(record, [signer])),
    }
    print("Parts of a write, CPU of a typical request document")
    for name, cpu in parts.items():
        print(f"  {name:<28} {cpu:8.1f} us")
    total = parts["validation"] + parts["request-phase checks"]
    print(f"  validation + checks          {total:8.1f} us   (limit 2000 us)\n")
