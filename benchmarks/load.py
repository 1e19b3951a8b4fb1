"""A small HTTP load over loopback: a fixed number of connections, each sending its next request at once.

What is measured is the server's own CPU time per request (user and system, read from /proc), which is steadier than
wall time on a shared machine; rates and latencies are reported beside it.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTIONS = 32
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Request:
    """One HTTP request, ready to send; `expected` is the status that counts as success."""

    head: bytes
    body: bytes
    expected: int

    @classmethod
    def build(
        cls,
        method: str,
        path: str,
        *,
        token: str = "",
        cookie: str = "",
        body: bytes = b"",
        expected: int = 200,
        version: int | None = None,
        headers: tuple[str, ...] = (),
    ) -> "Request":
        """The request's bytes; a body is JSON. `token` is a program's, `cookie` a browser's session."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if cookie:
            lines += [f"Cookie: ecluse={cookie}", "Accept: text/html"]
        if version is not None:
            lines.append(f'If-Match: "{version}"')
        if body or method in {"POST", "PUT"}:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return cls(("\r\n".join(lines) + "\r\n\r\n").encode(), body, expected)


@dataclass(frozen=True)
class Measure:
    """CPU in microseconds of the server per request, requests per second, latencies in milliseconds, bodies."""

    cpu: float
    rate: float
    p50: float
    p99: float
    bodies: list[bytes]


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has used so far, its threads included."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


async def send(port: int, pid: int, requests: list[Request], connections: int = CONNECTIONS) -> Measure:
    """Send every request once over `connections` connections. Raises AssertionError on an unexpected status."""
    queue = iter(requests)
    latencies: list[float] = []
    bodies: list[bytes] = []
    before, began = cpu_seconds(pid), time.perf_counter()
    await asyncio.gather(*(_connection(port, queue, latencies, bodies) for _ in range(connections)))
    wall, cpu = time.perf_counter() - began, cpu_seconds(pid) - before
    latencies.sort()
    count = len(latencies)
    return Measure(
        cpu / count * 1e6, count / wall, latencies[count // 2] * 1e3, latencies[int(count * 0.99)] * 1e3, bodies
    )


async def _connection(port: int, queue: Iterator[Request], latencies: list[float], bodies: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    for request in queue:
        began = time.perf_counter()
        writer.write(request.head + request.body)
        status, body = await _response(reader)
        latencies.append(time.perf_counter() - began)
        if status != request.expected:
            raise AssertionError(f"{status} instead of {request.expected}: {body[:500]!r}")
        bodies.append(body)
    writer.close()


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    at = lower.find(b"content-length:")
    length = int(lower[at + 15 : lower.index(b"\r\n", at)]) if at >= 0 else 0
    return status, await reader.readexactly(length) if length else b""
