"""A real browser (the system's Chromium) on a real server: the demonstration, served as an operator serves it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP localhost 127.0.0.1",
)  # fmt: skip


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from server.cli import main; main()", *arguments]


@dataclass(frozen=True)
class Served:
    """A served home. Its operator's commands work on it while it runs."""

    address: str
    home: Path

    def ecluse(self, *arguments: str) -> str:
        """The output of a command on this home."""
        given = {
            **os.environ,
            "ECLUSE_HOME": str(self.home),
            "ECLUSE_PUBLIC_URL": self.address,
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.run(
            command(*arguments), env=given, cwd=self.home.parent, text=True, capture_output=True, check=True
        ).stdout.strip()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demonstration, on a port of its own."""
    folder = tmp_path_factory.mktemp("browser") / "demo"
    given = {**os.environ, "ECLUSE_DATABASE_URL": "", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        command("demo", "--port", "0", "--dir", str(folder)), env=given, cwd=folder.parent, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if found := re.search(r"http://localhost:\d+", line):
                yield Served(found.group(0), folder)
                break
        else:
            pytest.fail("the demonstration did not start")
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Closed with its module: while it runs, its thread has an event loop that asynchronous tests cannot share."""
    path = shutil.which("chromium")
    if path is None:
        message = "no browser to test with: install chromium (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page that notes every error of its console and every request that leaves the server."""

    served: Served
    context: BrowserContext
    page: Page
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        # The browser itself reports an answer that refuses a form: it is what the test asked for.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.wrong.append(f"{message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.served.address, "data:")):
            self.wrong.append(f"elsewhere: {request.url}")

    def goto(self, path: str) -> None:
        self.page.goto(f"{self.served.address}{path}")

    def press(self, name: str) -> None:
        """Press the button of that name, and wait for the page that follows."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state()

    def path(self) -> str:
        return self.page.url.removeprefix(self.served.address)

    def take(self, party: str, role: str) -> None:
        """A role of the demonstration."""
        self.goto("/demonstration")
        self.page.locator(f"input[name=party][value={party}] + input[name=role][value={role}] + button").click()
        self.page.wait_for_load_state()


@pytest.fixture
def tab(demo: Served, chromium: Browser) -> Iterator[Tab]:
    with _opened(demo, chromium) as found:
        yield found
    assert found.wrong == []


@pytest.fixture
def opened(demo: Served, chromium: Browser) -> Callable[..., Any]:
    """A tab with options of the browser's context (colours, size, JavaScript)."""
    return lambda **options: _opened(demo, chromium, **options)


class _opened:
    def __init__(self, served: Served, chromium: Browser, **options: Any) -> None:
        self._context = chromium.new_context(locale="fr-FR", **options)
        self._tab = Tab(served, self._context, self._context.new_page())

    def __enter__(self) -> Tab:
        self._tab.watch()
        return self._tab

    def __exit__(self, *_: object) -> None:
        self._context.close()
