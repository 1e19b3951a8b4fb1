"""How far a record has come, and since when: recorded, published, witnessed by k of n."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from registry.clock import timestamp
from registry.ledger.policy import NONE, Policy
from registry.publishing.policies import policy_of
from registry.publishing.serving import quorum_head
from registry.storage.engines import Transaction
from registry.storage.heads import signed_covering, witnessed_since
from registry.storage.logs import Log

RECORDED, PUBLISHED, WITNESSED = "recorded", "published", "witnessed"


@dataclass(frozen=True)
class Standing:
    """`status` is `witnessed` once the policy's quorum cosigned a head over the record. Instants are UTC text; until
    then each is None. `witnesses` are those that cosigned, of the `of` that the policy names."""

    status: str
    published_at: str | None
    witnessed_at: str | None
    witnesses: tuple[str, ...]
    of: int


async def standing(tx: Transaction, log: Log, index: int | None) -> Standing:
    """The standing of a leaf, or of a record that waits for its place."""
    return (await _standing(tx, log, index, await policy_of(tx, log.owner)))[0]


async def standings_of(
    tx: Transaction, log: Log, indexes: Iterable[int | None], policy: Policy | None
) -> dict[int | None, Standing]:
    """The standing of each leaf of a log: those that one head was the first to cover have come equally far."""
    found: dict[int | None, Standing] = {}
    until = 0
    one: Standing | None = None
    for index in sorted(set(indexes), key=lambda place: (place is None, place)):
        if one is None or index is None or index >= until:
            one, until = await _standing(tx, log, index, policy)
        found[index] = one
    return found


async def _standing(tx: Transaction, log: Log, index: int | None, policy: Policy | None) -> tuple[Standing, int]:
    """The standing, and the size of the first head that covers the leaf (0 without one)."""
    names = {w.key.name: w.key for w in policy.witnesses if w.key} if policy else {}
    signed = await signed_covering(tx, log, index) if index is not None else None
    if index is None or signed is None:
        return Standing(RECORDED, None, None, (), len(names)), 0
    times = {name: time for name, time in (await witnessed_since(tx, log, index)).items() if name in names}
    met_at = None
    if policy is not None and times:
        in_order = sorted(times, key=lambda name: times[name])
        met = (k for k in range(1, len(in_order) + 1) if policy.is_met_by({names[name] for name in in_order[:k]}))
        needed = next(met, None)
        met_at = times[in_order[needed - 1]] if needed else None
    at = timestamp(datetime.fromtimestamp(met_at, UTC)) if met_at is not None else None
    come = Standing(WITNESSED if at else PUBLISHED, signed.signed_at, at, tuple(sorted(times)), len(names))
    return come, signed.size


async def unwitnessed_since(tx: Transaction, log: Log) -> str | None:
    """Since when (UTC text) records are published without the quorum of the owner's policy; None when none are."""
    policy = await policy_of(tx, log.owner)
    if policy is None or policy.quorum == NONE:
        return None
    met = await quorum_head(tx, log, policy)
    first = await signed_covering(tx, log, met.size if met else 0)
    return first.signed_at if first else None
