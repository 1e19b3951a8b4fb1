"""A third party's date on heads: one RFC 3161 token a UTC day and log, asked of ECLUSE_TSA_URL beside publication."""

import asyncio
import hashlib
import os
import secrets
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from cryptography.x509 import Certificate
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from registry.clock import Clock
from registry.publishing.serving import shown_head
from registry.publishing.submitting import Ask
from registry.storage.engines import Busy, Engine, Transaction, Unreachable
from registry.storage.heads import Signed
from registry.storage.leases import hold
from registry.storage.logs import Log, logs_in_use
from registry.storage.timestamps import has_token, keep_token, last_size

_CONTENT_TYPE = "application/timestamp-query"
_TIMEOUT = 10.0
_INTERVAL, _LEASE_SECONDS = 60.0, 180
"""Seconds between two looks, and those for which one process alone asks: authorities charge for tokens."""

_log = structlog.get_logger("ecluse")


class BadToken(Exception):
    """The answer is not a token over that note, or nobody we trust made it."""


def verify_token(token: bytes, note: bytes, roots: Sequence[Certificate]) -> datetime:
    """The instant (UTC) at which an authority of those roots saw the note's bytes. Raises BadToken.

    `token`: the authority's whole answer, DER. Certificates need to have been valid at that instant only.
    """
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        response = decode_timestamp_response(token)
        builder.build().verify_message(response, note)
        return response.tst_info.gen_time.astimezone(UTC)
    except (VerificationError, ValueError) as error:
        raise BadToken(str(error)) from error


class Timestamper:
    """Has the newest head of each log timestamped, once a day; failures are logged and tried again."""

    def __init__(self, engine: Engine, url: str, ask: Ask, clock: Clock) -> None:
        self._engine = engine
        self._url = url
        self._ask = ask
        self._clock = clock
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                if await self._engine.transact(self._hold):
                    await self.round()
            except (Busy, Unreachable) as error:
                _log.warning("timestamps delayed", reason=str(error))
            await asyncio.sleep(_INTERVAL)

    async def round(self) -> None:
        """Timestamp what has no token of this UTC day yet."""
        day = self._clock().astimezone(UTC).date().isoformat()
        for log, signed in await self._engine.read(lambda tx: _due(tx, day)):
            try:
                token = await self._token(signed.note)
            except (BadToken, OSError) as error:
                _log.warning("head not timestamped", origin=log.origin, size=signed.size, reason=str(error))
                return
            await self._engine.transact(
                lambda tx, log=log, signed=signed, token=token: keep_token(tx, log, day, signed.size, token)  # type: ignore[misc]
            )

    async def _token(self, note: bytes) -> bytes:
        """The authority's whole answer, which is a token over the note and answers this request."""
        request = (
            TimestampRequestBuilder()
            .data(note)
            .hash_algorithm(HashAlgorithm.SHA256)
            .nonce(nonce=True)
            .cert_request(cert_request=True)
            .build()
        )
        status, answer = await self._ask(self._url, request.as_bytes(), _CONTENT_TYPE, _TIMEOUT)
        if status != 200:
            raise BadToken(f"answer {status}")
        try:
            response = decode_timestamp_response(answer)
            granted = PKIStatus(response.status) == PKIStatus.GRANTED
            same = granted and response.tst_info.message_imprint.message == hashlib.sha256(note).digest()
            if not same or response.tst_info.nonce != request.nonce:
                raise BadToken("the answer is not a token for this request")
        except ValueError as error:
            raise BadToken(str(error)) from error
        return answer

    async def _hold(self, tx: Transaction) -> bool:
        return await hold(tx, "timestamps", self._holder, int(time.time()), _LEASE_SECONDS)


async def _due(tx: Transaction, day: str) -> list[tuple[Log, Signed]]:
    """Logs without a token of that day, with their newest head, unless that very head has one."""
    found = []
    for log in await logs_in_use(tx):
        signed = await shown_head(tx, log)
        if signed is not None and await last_size(tx, log) != signed.size and not await has_token(tx, log, day):
            found.append((log, signed))
    return found
