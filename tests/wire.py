"""HTTP to the application without a client's cost: one ASGI call, thousands a second; and transactions that undo."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def slug(self) -> str:
        """The end of a problem's type, empty when the answer is no problem."""
        if not self.headers.get("content-type", "").startswith("application/problem+json"):
            return ""
        return str(json.loads(self.body)["type"]).rpartition(":")[2]


async def call(
    app: Any,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    query: bytes = b"",
) -> Answered:
    """One request. `path` is percent-encoded; headers are sent as they are, in Latin-1."""
    sent = {"host": "ecluse.example", "content-length": str(len(body)), **(headers or {})}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode(), "query_string": query, "root_path": "",
        "headers": [(k.lower().encode("latin-1"), v.encode("latin-1", "replace")) for k, v in sent.items()],
        "client": ("127.0.0.1", 1), "server": ("ecluse.example", 80), "state": {},
    }  # fmt: skip
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    start: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def receive() -> Any:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    found = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in start["headers"]}
    return Answered(start["status"], found, b"".join(chunks))


class _Undo(BaseException):
    """Carries a transaction's value past its rollback."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Undoing:
    """An engine whose transactions answer, then leave nothing: a world that thousands of acts do not wear out."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def transact(self, work: Any) -> Any:
        async def undone(tx: Any) -> Any:
            raise _Undo(await work(tx))

        try:
            return await self._engine.transact(undone)
        except _Undo as undo:
            return undo.value
