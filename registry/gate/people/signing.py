"""The passkeys with which people sign acts: each begins and ends by a record in the log of its party."""

from dataclasses import dataclass

from registry.gate.people.journal import note
from registry.gate.session import Session
from registry.ledger.devices import ENDED, ENROLLED, Site
from registry.ledger.encoding import encode_base64
from registry.storage.signing_keys import SigningKey, end_key, find_key, keep_key, keys_of

_ACCOUNT = "account."


@dataclass(frozen=True)
class PublicKey:
    """A passkey as verifiers read it: its algorithm (COSE number), its public key (DER), and where it was made."""

    credential: bytes
    algorithm: int
    spki: bytes
    site: Site


async def enrol(session: Session, account: str, party: str, key: PublicKey) -> None:
    """The key signs for the account and the party from now on; nothing happens when it does already."""
    if await find_key(session.tx, key.credential, account, party) is not None:
        return
    place = await note(
        session, account, party, ENROLLED.removeprefix(_ACCOUNT), algorithm=key.algorithm, key=encode_base64(key.spki),
        rp_id=key.site.rp_id, origin=key.site.origin,
    )  # fmt: skip
    await keep_key(session.tx, SigningKey(key.credential, account, party, *place))


async def end(
    session: Session, account: str, reason: str, *, by: str | None = None, credential: bytes | None = None,
    party: str | None = None,
) -> None:  # fmt: skip
    """The account's keys (one of them, or those for a party) sign no more; what they signed before stays valid.

    `reason`: `removed` by the person, `reset` when the account is taken anew, `left` the party.
    """
    for key in await keys_of(session.tx, account, party=party):
        if credential in {None, key.credential}:
            await end_key(session.tx, key)
            await note(
                session, account, key.party, ENDED.removeprefix(_ACCOUNT), by=by, reason=reason,
                enrolled=key.revision,
            )  # fmt: skip
