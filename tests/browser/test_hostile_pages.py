"""A page of another origin, and texts that would be programs, in a real browser."""

from __future__ import annotations

import http.server
import itertools
import shutil
import threading
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar

from registry.ledger.openings import join
from schemas import violations
from schemas.texts import split
from server.app import routers
from server.served import served
from tests.databases import aside
from tests.server.matrix import PLAIN, Everything, everything, schema_of
from tests.world import CAF, CONVENTION, World, opened_world, reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Served

FORMS = ("/deconnexion", "/compte/sessions", "/compte/jetons", "/comptes/invitations", "/mandats/delegations")


@contextmanager
def elsewhere(page: str) -> Iterator[int]:
    """A server of somebody else on this machine; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _trap(target: str) -> str:
    """A page that sends every form it can, the last one as a navigation, then reads what it gets."""
    frames = "".join(
        f'<iframe name="f{n}"></iframe><form method="post" action="{target}{path}" target="f{n}">'
        f'<input name="_csrf" value=""><input name="email" value="pris@mechant.example"></form>'
        for n, path in enumerate(FORMS)
    )
    return f"""<!doctype html><body>{frames}<script>
    window.done = (async () => {{
      for (const form of document.forms) form.submit();
      const read = [];
      for (const path of ["/compte", "/api/v1/requests", "/compte/donnees.json"]) {{
        for (const mode of ["cors", "no-cors"]) {{
          try {{ read.push(await (await fetch("{target}" + path, {{credentials: "include", mode}})).text()); }}
          catch (error) {{ read.push(""); }}
        }}
      }}
      for (const type of ["text/plain", "application/json"]) {{
        try {{ await fetch("{target}/api/v1/conventions/{CONVENTION}/requests",
          {{method: "POST", credentials: "include", mode: "no-cors", headers: {{"content-type": type}}, body: "{{}}"}}); }}
        catch (error) {{}}
      }}
      await new Promise((resolve) => setTimeout(resolve, 300));
      return read;
    }})();
    </script>"""


def test_a_page_of_another_origin_neither_acts_nor_reads(demo: Served, chromium: Browser) -> None:
    """From another site (127.0.0.1) the cookie is not sent; from another port of the same site it is, and is not enough."""
    for host in ("127.0.0.1", "localhost"):
        context = chromium.new_context(locale="fr-FR")
        page = context.new_page()
        _enter(page, demo.address)
        before = context.cookies(demo.address)
        refused: list[int] = []
        page.on("response", lambda r, seen=refused: seen.append(r.status) if r.request.method == "POST" else None)
        with elsewhere(_trap(demo.address)) as port:
            page.goto(f"http://{host}:{port}/")
            assert page.evaluate("window.done") == [""] * 6
        assert len(refused) >= len(FORMS)
        assert set(refused) <= {303, 401, 403}, refused
        assert context.cookies(demo.address) == before
        page.goto(f"{demo.address}/compte")
        assert page.get_by_role("button", name="Se déconnecter").is_visible()
        page.goto(f"{demo.address}/comptes")
        assert "pris@mechant.example" not in page.content()
        context.close()


def _enter(page: Page, address: str) -> None:
    page.goto(f"{address}/demonstration")
    page.locator(f"input[name=party][value={CAF}] + input[name=role][value=administrator] + button").click()
    page.wait_for_load_state()


PAYLOADS = (
    '"><xss-probe onclick=alert(1)>', "<script>window.pris = 1</script>", "<img src=x onerror=window.pris=1>",
    "'><svg/onload=window.pris=1>", "javascript:window.pris=1", "</textarea></title><script>window.pris=1</script>",
    "{{ 7*7 }}{% raw %}", "<style>*{display:none}</style>", "&lt;script&gt;window.pris=1&lt;/script&gt;",
)  # fmt: skip


Pages = dict[str, tuple[str, dict[str, str]]]
"""Every page as it was answered, by its address and who asked: its body, its headers."""


def _poisoned(schema: str, document: Any, payloads: Iterator[str]) -> Any:
    """The document with a payload at the end of every text that people type, where its schema admits one."""
    facts, texts = split(schema, document)
    for number, text in enumerate(texts):
        changed = [*texts[:number], f"{text} {next(payloads)}", *texts[number + 1 :]]
        if not violations(schema, join(facts, changed)):
            texts = changed
    return join(facts, texts)


def _poison(world: World, payloads: Iterator[str]) -> None:
    """Whatever is sent to the API from now on holds payloads."""
    plain = world.client.request

    async def request(method: str, url: str, **options: Any) -> Any:
        schema = schema_of(url.partition("?")[0])
        typed = schema is not None and schema != "webhook"  # its address admits no payload, and is shown to nobody else
        if isinstance(options.get("json"), dict) and typed and method == "POST":
            options["json"] = _poisoned(schema, options["json"], payloads)
        if "files" in options:
            name, content, kind = options["files"]["file"]
            options["files"] = {"file": (f"{next(payloads).replace('/', ' ')}{name}", content, kind)}
        return await plain(method, url, **options)

    world.client.request = request  # type: ignore[method-assign]


async def _pages(home: Path, url: str) -> Pages:
    """Every page of a world where everything that was typed is a payload."""
    payloads = itertools.cycle(PAYLOADS)
    convention = _poisoned("convention", reference("convention"), payloads)
    async with opened_world(home, url, convention) as world:
        _poison(world, payloads)
        running = await world.active()
        all_of = await everything(world)
        all_of.exchanges["running"] = running
        found: Pages = {}
        for role in ("dpo", "administrator"):
            who = all_of.persona(CAF, role).browser()
            for path in _addresses(all_of, queries=role == "dpo"):
                answer = await world.client.get(path, headers={**who, "accept": "text/html"})
                assert answer.status_code < 500, path
                if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
                    found[f"{path} {role}"] = (answer.text, dict(answer.headers))
        return found


def _addresses(all_of: Everything, *, queries: bool) -> list[str]:
    found = []
    for route in served(Litestar(routers(demo=False), openapi_config=None).routes):
        if not route.page or route.method != "GET":
            continue
        for request_id in all_of.exchanges.values() if "{request_id}" in route.path else ("",):
            path = route.path
            for name, value in {**PLAIN, **all_of.of_party[CAF], "request_id": request_id}.items():
                path = path.replace(f"{{{name}}}", value)
            found.append(path)
    if not queries:
        return found
    typed = (
        "%22%3E%3Cxss-probe%20onclick%3D1%3E",
        "javascript:window.pris=1",
        "%27%20autofocus%20onfocus=window.pris=1%20x=%27",
    )
    asked = [f"{path}?{name}={payload}" for path in ("/connexion", "/echanges", "/inspection", "/confirmation")
               for name in ("next", "q", "state", "sort", "as_of", "lang") for payload in typed]  # fmt: skip
    return [*found, *asked, "/nulle-part/%22%3E%3Cxss-probe%3E"]


class _Reading(HTMLParser):
    """What a browser would make of a page that could run something."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "xss-probe" or (tag == "script" and not (given.get("src") or "").startswith("/static/")):
            self.wrong.append(f"<{tag}>")
        self.wrong += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action", "formaction", "data"):
            value = (given.get(name) or "").strip().lower()
            if value and not value.startswith(("/", "#", "?", "https://")):
                self.wrong.append(f"{tag} {name}={value[:40]}")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Pages:
    home = tmp_path_factory.mktemp("poisoned")
    shutil.copyfile(sqlite_template, home / "ecluse.db")
    return aside(_pages(home / "home", f"sqlite:///{home / 'ecluse.db'}"))


def test_what_people_type_is_text_on_every_page(pages: Pages) -> None:
    assert len(pages) > 90
    marked = 0
    for address, (text, headers) in pages.items():
        reading = _Reading()
        reading.feed(text)
        assert reading.wrong == [], address
        assert "unsafe" not in headers["content-security-policy"]
        marked += "window.pris" in text
    assert marked >= 15, "the payloads are not on the pages"


def test_no_program_runs_and_the_policy_has_nothing_to_stop(pages: Pages, chromium: Browser) -> None:
    """The pages that hold payloads, drawn by Chromium with the headers that they were answered with."""
    context = chromium.new_context(locale="fr-FR")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    shown: dict[str, tuple[str, dict[str, str]]] = {}

    def answer(route: Any) -> None:
        kind = "text/javascript" if ".js" in route.request.url else "text/css"
        text, headers = shown.get(route.request.url, ("", {"content-type": kind}))
        route.fulfill(status=200, body=text, headers=headers)

    page.route("**/*", answer)
    poisoned = {address: found for address, found in pages.items() if any(p in unescape(found[0]) for p in PAYLOADS)}
    drawn = {address.partition(" ")[0]: (address, found) for address, found in poisoned.items()}.values()
    for number, (address, found) in enumerate(drawn):
        url = f"http://localhost/{number}"
        shown[url] = found
        page.goto(url, wait_until="domcontentloaded")
        assert page.evaluate("window.pris") is None, address
        assert page.locator("xss-probe").count() == 0, address
    assert len(drawn) >= 10
    assert said == []
    context.close()
