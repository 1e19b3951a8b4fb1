"""Webhooks: signed announcements of acts, to addresses that an administrator chose and nowhere else."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from server.outgoing import Unanswered, deliver
from server.webhooks import Announcer
from tests.server.people.browsers import administrator
from tests.world import CAF, SGL, World

BOSS = (CAF, "administrator")
PATH = f"/parties/{CAF}/webhooks"


class Program:
    """A program that listens, and answers `status`."""

    def __init__(self) -> None:
        self.status = 204
        self.heard: list[tuple[dict[str, str], bytes]] = []
        program = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                program.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(program.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_given: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/acts?from=ecluse"


@pytest.fixture
def program() -> Iterator[Program]:
    made = Program()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


async def test_acts_are_announced_signed_and_until_they_are_taken(world: World, program: Program) -> None:
    made = await world.ok(BOSS, "POST", PATH, {"url": program.url})
    key = base64.b64decode(made["secret"].removeprefix("whsec_"))
    stored = await world.rows("SELECT sealed, wrapped FROM webhook")
    assert all(key not in bytes(value) for row in stored for value in row)
    announcer = Announcer(world.gate, private=True)
    draft = await world.create()
    assert await announcer.round() == 0  # the Caf does not see it yet
    await world.ok((SGL, "requester"), "POST", f"/requests/{draft}/filing", {}, version=1)
    program.status = 503
    assert await announcer.round() == 0
    program.status = 302
    world.calendar.minutes += 5
    assert await announcer.round() == 0  # a redirection is no answer, and is not followed
    program.status = 204
    assert await announcer.round() == 0  # not yet time
    world.calendar.minutes += 5
    assert await announcer.round() == 1
    assert await announcer.round() == 0
    assert len({headers["webhook-id"] for headers, _ in program.heard}) == 1
    headers, body = program.heard[-1]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    told = json.loads(body)
    assert (told["type"], told["data"]["exchange"], told["data"]["act"]) == ("exchange.act", draft, "filing")
    assert told["data"]["due"]["on"] == "2023-03-03"
    assert b"Quotient" not in body
    assert b"@" not in body


async def test_a_program_that_is_gone_is_left_and_removal_forgets_what_waits(world: World, program: Program) -> None:
    made = await world.ok(BOSS, "POST", PATH, {"url": program.url})
    announcer = Announcer(world.gate, private=True)
    program.status = 410
    await world.filed()
    await announcer.round()
    assert await world.rows("SELECT state, reason FROM delivery") == [("failed", "410")]
    await world.filed()
    await world.ok(BOSS, "DELETE", f"{PATH}/{made['id']}")
    assert await world.rows("SELECT id FROM delivery") == []
    assert (await world.ok(BOSS, "GET", PATH))["items"] == []
    await world.refused(404, "not-found", BOSS, "DELETE", f"{PATH}/{made['id']}")


async def test_private_networks_are_refused_unless_the_operator_admits_them(world: World, program: Program) -> None:
    await world.ok(BOSS, "POST", PATH, {"url": program.url})
    await world.filed()
    assert await Announcer(world.gate, private=False).round() == 0
    assert program.heard == []
    ((state, reason),) = await world.rows("SELECT state, reason FROM delivery")
    assert state == "waiting"
    assert "réseau privé" in reason
    for url in ("https://10.1.2.3/", "https://[fd00::1]/", "https://169.254.169.254/latest", "https://localhost/",
                "https://[::ffff:127.0.0.1]/", "https://[::ffff:a00:1]/", "https://[64:ff9b::a00:1]/",
                "https://[2002:a00:1::]/", "https://[::7f00:1]/", "https://[fec0::1]/", "https://224.0.0.1/",
                "https://0.0.0.0/", "https://2130706433/", "https://0x7f.1/"):  # fmt: skip
        with pytest.raises(Unanswered, match="réseau privé"):
            await deliver(url, b"{}", {}, 1.0, private=False)
    with pytest.raises(Unanswered, match="https"):
        await deliver("http://exemple.fr/", b"{}", {}, 1.0, private=True)


async def test_only_the_partys_administrator_sets_them_and_bad_addresses_are_refused(world: World) -> None:
    for who in ((CAF, "controller"), (CAF, "requester")):
        await world.refused(403, "forbidden", who, "POST", PATH, {"url": "https://a.example/"})
        await world.refused(403, "forbidden", who, "GET", PATH)
    await world.refused(404, "not-found", (SGL, "administrator"), "GET", PATH)
    for url in ("http://a.example/", "https://u:p@a.example/", "https://a.example/#x", "ftp://a.example", "https:///x",
                "https://a.example:0/", "https://a b.example/", "https://[::1/", "javascript:alert(1)"):  # fmt: skip
        problem = await world.refused(422, "invalid-document", BOSS, "POST", PATH, {"url": url})
        assert problem["errors"][0]["pointer"] == "/url"
    for n in range(10):
        await world.ok(BOSS, "POST", PATH, {"url": f"https://a.example/{n}"})
    await world.refused(422, "invalid-document", BOSS, "POST", PATH, {"url": "https://a.example/10"})


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_administrator_sets_them_on_a_page(world: World) -> None:
    boss = await administrator(world)
    await boss.see("/comptes/annonces")
    assert "Rien n'est annoncé" in boss.text
    made = await boss.post("/comptes/annonces", {"url": "https://a.example/acts"})
    assert (made.status_code, "whsec_" in made.text) == (200, True)
    await boss.see("/comptes/annonces")
    assert "https://a.example/acts" in boss.text
    assert "whsec_" not in boss.text
    assert (await boss.post("/comptes/annonces", {"url": "http://a.example/"})).status_code == 422
    ((identifier,),) = await world.rows("SELECT id FROM webhook")
    await boss.follow(await boss.post("/comptes/annonces/retrait", {"webhook": identifier}))
    assert await world.rows("SELECT id FROM webhook") == []
