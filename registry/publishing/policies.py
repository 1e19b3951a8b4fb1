"""The witnesses that an owner's logs rely on, and how many it takes: a tlog-policy file recorded in the log itself.

The operator gives witnesses, groups and quorum; the host adds the lines of its own logs. A change of policy is a record
of the log (`policy.set`) with a public opening, so that a host cannot weaken it unseen.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from registry.ledger.errors import MalformedError
from registry.ledger.policy import Policy, parse_policy
from registry.storage.engines import Transaction
from registry.storage.logs import Log, every_log, own_events


def witness_lines(text: str) -> str:
    """The witnesses, groups and quorum of a policy file, as recorded; lines of logs and comments are left out.

    Raises MalformedError when the file is not a policy.
    """
    parse_policy(text.encode())
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and line.split()[0] not in {"log", "#"} and line[0] != "#")


def complete(lines: str, logs: Iterable[str]) -> str:
    """The policy file to hand out: the logs' vkeys, then the recorded lines."""
    return "".join(f"log {vkey}\n" for vkey in logs) + lines


async def recorded_policy(tx: Transaction, owner: str, logs: Sequence[Log] | None = None) -> str | None:
    """The lines in force for the owner's logs, the latest that was recorded; None when none ever was. `logs`: the
    owner's, oldest first, when they were read already."""
    for log in reversed(await every_log(tx, owner) if logs is None else logs):
        for event in reversed(await own_events(tx, log)):
            derived = msgspec.json.decode(event.facts)["derived"]
            if derived.get("policy") is not None:
                return str(derived["policy"])
    return None


@lru_cache(maxsize=256)
def parsed(lines: str) -> Policy:
    """The policy of recorded lines, without logs."""
    return parse_policy(lines.encode())


async def policy_of(tx: Transaction, owner: str, logs: Sequence[Log] | None = None) -> Policy | None:
    """The policy in force for the owner's logs, as `recorded_policy`. Lines recorded by this program always parse."""
    lines = await recorded_policy(tx, owner, logs)
    try:
        return parsed(lines) if lines is not None else None
    except MalformedError as error:
        raise LookupError(f"the recorded policy of {owner} cannot be read") from error
