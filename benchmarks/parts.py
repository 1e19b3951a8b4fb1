"""CPU of the parts of one write: validation, search of exchanged data, checks, splitting, signing; no database."""

import time
from collections.abc import Callable
from datetime import date

from registry.conformity import check_request, described, proposed, rules_of
from registry.exchanged_data import refuse_in_document
from registry.ledger.canonical import canonical
from registry.ledger.keys import Signer
from registry.ledger.records import Record, sign_record
from schemas import split, violations
from schemas.references import reference

ROUNDS = 2000


def _cpu(work: Callable[[], object]) -> float:
    """Microseconds of CPU of one call."""
    work()
    began = time.process_time()
    for _ in range(ROUNDS):
        work()
    return (time.process_time() - began) / ROUNDS * 1e6


def report() -> None:
    """Print each part, and what a saved draft answers at once against its limit of 2 ms."""
    convention, cases = reference("convention"), reference("requests")["requests"]
    adjusted = convention | {"checks": {"settings": {"retention_months": 24}}}
    document = cases[3]["request"]
    worst = {"request": max(cases, key=lambda case: len(case["expected_findings"]))["request"]}
    file, today = {"request": document}, date(2023, 9, 4)
    found, rules = check_request(file, convention, today), rules_of(convention)
    signer = Signer.generate("ecluse.example/ledger/x/2026/recorder")
    record = Record(
        log="ecluse.example/ledger/x/2026", object="6513270e-269e-4d37-b2a7-4de452e6b438", revision=1,
        at="2026-11-23T07:00:00.000Z", type="exchange", actor="UKSjptB/XAwS", commit="A" * 43 + "=",
    )  # fmt: skip
    parts = {
        "validation": _cpu(lambda: violations("request", document)),
        "search of exchanged data": _cpu(lambda: refuse_in_document(document)),
        "derived keys": _cpu(lambda: proposed(document, convention)),
        "request-phase checks": _cpu(lambda: check_request(file, convention, today)),
        "findings put into words": _cpu(lambda: [described(finding, rules) for finding in found]),
        "split into facts and texts": _cpu(lambda: split("request", document)),
        "canonical JSON": _cpu(lambda: canonical(document)),
        "sign a record": _cpu(lambda: sign_record(record, [signer])),
    }
    print("Parts of a write, CPU of a typical request document")
    for name, cpu in parts.items():
        print(f"  {name:<28} {cpu:8.1f} us")
    total = sum(parts[name] for name in list(parts)[:5])
    print(f"  the first five together      {total:8.1f} us   (limit 2000 us)")
    print(f"  checks, a convention's rules {_cpu(lambda: check_request(file, adjusted, today)):8.1f} us")
    print(f"  checks, most findings        {_cpu(lambda: check_request(worst, convention, today)):8.1f} us\n")
