"""A witness at work, until it is stopped or a fork stops it. It may be killed at any moment: its state is one file."""

import asyncio
import socket
from collections.abc import Sequence

import uvicorn

from registry.witness.errors import Fork
from registry.witness.witness import Witness
from server.settings import SettingError
from server.witness.listening import Listener
from server.witness.looking import Tell, round_of, years

_YEARS = 3600.0
"""Seconds between two looks for a new year's log."""


async def run(
    witness: Witness, urls: Sequence[str], interval: float, listening: socket.socket | None, tell: Tell
) -> None:
    """Look at the logs every `interval` seconds and answer at the socket, until a signal. Raises Fork or Stopped."""
    tasks = [asyncio.create_task(_look(witness, list(urls), interval, tell))] if urls else []
    if listening:
        tasks.append(asyncio.create_task(_listen(witness, listening)))
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()


async def _look(witness: Witness, urls: list[str], interval: float, tell: Tell) -> None:
    """Rounds, `interval` seconds after one another."""
    asked = None
    while True:
        now = asyncio.get_running_loop().time()
        if asked is None or now - asked >= _YEARS:
            asked = now
            urls += await asyncio.to_thread(years, witness, tell)
        await asyncio.to_thread(round_of, witness, urls, tell)
        await asyncio.sleep(interval)


async def _listen(witness: Witness, listening: socket.socket) -> None:
    """Serve until a signal, or until a request proved a fork: raised once it is answered."""
    forks: list[Fork] = []

    def stop(fork: Fork) -> None:
        forks.append(fork)
        server.should_exit = True

    config = uvicorn.Config(
        Listener(witness, stop), lifespan="off", access_log=False, log_level="warning", server_header=False,
        timeout_graceful_shutdown=2, ws="none",
    )  # fmt: skip
    server = uvicorn.Server(config)
    await server.serve(sockets=[listening])
    for fork in forks:
        raise fork


def bound(host: str, port: int) -> socket.socket:
    """A socket to listen on. Raises SettingError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingError(f"--listen : {host}:{port} ne peut pas être écouté ({error.strerror}).") from error
    return listening
