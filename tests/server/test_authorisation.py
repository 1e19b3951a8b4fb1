"""The table of rights is what happens: every route, every function, every relation, compared with the table."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar

from registry.authorisation import ALL, RIGHTS, SCOPES, Right
from registry.authorisation.page import page
from registry.authorisation.rights import RELATIONS, SIDES
from registry.clock import end_of_day
from registry.storage.accounts import account_for, grant, keep_token
from registry.storage.accounts_sessions import open_session, session_hash
from schemas import enumeration
from server.app import routers
from server.pages.act_paths import SLUGS
from server.pages.convention import FORMS
from server.routes import RIGHTS_OF, scopes_of
from server.served import Served, addresses, served
from tests.minimal import minimal
from tests.server.matrix import MISSING, ORIGIN, OUTSIDE, PLAIN, SECRET_TEXT, Everything, Persona, everything, form_of
from tests.world import CAF, CONVENTION, OULLINS, SGL, World, email, request_document

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUTES = served(Litestar(routers(demo=True), openapi_config=None).routes)
DOC = Path(__file__).parents[2] / "docs" / "authorisation.md"
HOW = (
    "add its handler's name to server/routes.py under the right that it asks for, or a new line to "
    "registry/authorisation/rights.py; then `make docs`"
)
DENIED = {401: "unauthenticated", 403: "forbidden", 404: "not-found"}


def test_every_route_has_its_rights_in_the_table() -> None:
    missing = [f"{route.method} {route.path} (handler {route.handler!r})" for route in ROUTES if not route.rights]
    assert not missing, f"{HOW}: {', '.join(missing)}"
    unknown = {right for route in ROUTES for right in route.rights} - set(RIGHTS)
    assert not unknown, f"no such right in registry/authorisation/rights.py: {unknown}"


def test_the_table_names_no_route_that_is_gone_and_no_right_that_opens_nothing() -> None:
    assert set(RIGHTS_OF) <= {route.handler for route in ROUTES}
    assert set(RIGHTS) == {right for route in ROUTES for right in route.rights}


def test_the_table_speaks_the_vocabulary() -> None:
    for right in RIGHTS.values():
        assert right.roles <= set(enumeration("role")), right.name
        assert right.relation in RELATIONS
        assert right.scope is None or right.scope in SCOPES, right.name
        assert set(right.sides) <= set(SIDES)
        assert right.refusal or not right.roles or right.sides, f"{right.name} says nothing to whom it refuses"
    assert max((r.roles for r in RIGHTS.values()), key=len) == set(enumeration("role"))


def test_an_act_of_a_later_day_is_not_open_to_tokens_made_for_less() -> None:
    from registry.authorisation.scopes import scope_of_act

    assert scope_of_act("an-act-of-tomorrow") == "decide"
    assert scope_of_act("opinion") == scope_of_act("decision") == scope_of_act("erasure") == "decide"


def test_the_committed_page_is_the_one_the_table_gives() -> None:
    assert DOC.read_text(encoding="utf-8") == page(addresses()), "docs/authorisation.md is out of date: make docs"


def _right(route: Served, path: str, target: str) -> Right:
    """Of the rights of a route, the one that what it is about calls for."""
    if route.handler == "conclude_study":
        return RIGHTS[f"act/study/{path.rpartition('/')[2]}"]
    if route.path.startswith("/convention/"):
        return RIGHTS[FORMS[path.rpartition("/")[2]].right]
    if "{slug}" in route.path:
        return RIGHTS[f"act/{SLUGS[path.split('/')[4]]}"]
    if route.handler == "ask_device_signature":
        return next(RIGHTS[right] for right in route.rights if right == f"act/{minimal('device_offer')['act']}")
    chosen = {
        "declare_absence": 1,
        "end_absence": 0 if target == "one's own" else 1,
        "read_receipt": {"entry": 1, "convention": 2, "log": 3}.get(target, 0),
    }
    return RIGHTS[route.rights[chosen.get(route.handler, 0)]]


_SIDES = {
    "asked": {SGL: {"requester", "initiator", "controller"}, CAF: {"holder", "studying", "controller"}},
    "pushed": {CAF: {"holder", "initiator", "controller"}, SGL: {"requester", "studying", "controller"}},
    "alone": {OULLINS: {"requester", "initiator", "controller"}},
}


def expected(right: Right, who: Persona, target: str) -> str:
    """What the table says of a person with one function: `allowed`, `forbidden` or `not-found`."""
    given = who.role in right.roles
    if right.sides:
        sides = _SIDES.get(target, {}).get(who.party, set())
        if not sides:
            return "not-found"
        return "allowed" if given and sides & set(right.sides) else "forbidden"
    if right.relation == "seen":
        seen = who.party in _SIDES.get(target, {})
        return ("allowed" if seen else "not-found") if given else "forbidden"
    if right.relation == "member" and (who.party == OUTSIDE or target == "unknown"):
        return "forbidden" if right.name.startswith("ledger.") and not given else "not-found"
    if right.relation == "self":
        own = target in {who.party, "own"}
        return "not-found" if who.party == OUTSIDE else "allowed" if given and own else "forbidden"
    if right.relation == "own" and target not in {who.party, "own"}:
        return "not-found"
    return "allowed" if given else "forbidden"


def _filled(path: str, values: dict[str, str]) -> str:
    if "/processor-entries/" in path and "processor_entry" in values:
        values = {**values, "entry": values["processor_entry"]}
    for name, value in {**PLAIN, "exchange": values.get("request_id", MISSING), **values}.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"tests/server/matrix.py says nothing of a parameter of {path}"
    return path


_SLUGS = ("admission", "opinion", "decision", "study-opportunity", "activation", "erasure")
"""Acts whose pages are asked for; every act is through the API."""


def _addresses(route: Served, all_of: Everything, who: Persona) -> Iterator[tuple[str, str]]:
    """The addresses of a route to try for somebody, each with what it is about."""
    own = all_of.of_party.get(who.party) or all_of.of_party[CAF]
    if "{request_id}" in route.path:
        parts = ("opportunity", "feasibility", "compliance") if "{part}" in route.path else ("opportunity",)
        few = who.role in {"controller", "auditor", "administrator"}
        slugs = _SLUGS if route.path.endswith("{slug}") and route.method == "GET" else ("opinion",)
        for target in ("asked", *(("pushed", "alone") if few or (who.party in {CAF, SGL} and not route.page) else ())):
            for part, slug in itertools.product(parts, slugs):
                values = {"request_id": all_of.exchanges[target], "part": part, "slug": slug}
                yield _filled(route.path, values), target
    elif "{party}" in route.path:
        for party in {who.party, SGL if who.party == CAF else CAF}:
            yield _filled(route.path, {"party": party, **(all_of.of_party.get(party) or own)}), party
    elif "{object_id}" in route.path:
        yield _filled(route.path, {"object_id": all_of.exchanges["asked"]}), "asked"
        yield _filled(route.path, {"object_id": own["entry"]}), "entry"
    elif "{convention}" in route.path or "{owner}" in route.path:
        yield _filled(route.path, {}), "known"
        yield _filled(route.path, {"convention": "ctg-inconnue", "owner": "ctg-inconnue"}), "unknown"
    elif route.path.startswith("/convention/") and "{slug}" in route.path:
        for slug in FORMS:
            yield _filled(route.path, {"slug": slug}), "own"
    else:
        yield _filled(route.path, own), "own"


FURTHER = (
    "Le secrétariat permanent est assuré par une autre partie.", "Ce membre n'existe pas", "Ce préavis n'existe pas.",
    "L'article 12 n'ouvre pas ce cas à votre partie.", "Aucune délégation de signature en vigueur ce jour",
)  # fmt: skip
"""What rules beyond the table tell those to whom the table gives the right."""


def verdict(answer: Any) -> str:
    """What an answer says of the right, whatever it says of the rest."""
    if answer.status == 303 and answer.headers.get("location", "").startswith("/connexion"):
        return "unauthenticated"
    if answer.status in {403, 404} and any(sentence in answer.body.decode() for sentence in FURTHER):
        return "allowed"
    return DENIED.get(answer.status, "allowed") if answer.status < 500 else f"error {answer.status}"


@pytest.fixture
async def all_of(world: World, monkeypatch: pytest.MonkeyPatch) -> Everything:
    """The world of the matrix; what is long to make is not made."""
    from registry.imports import Reading

    monkeypatch.setattr("server.api.documents._made", lambda *_: b"")
    monkeypatch.setattr("server.api.indicators._made", lambda *_: b"")
    monkeypatch.setattr("server.api.imports.read_content", lambda _: Reading("csv", []))
    return await everything(world)


_FEW = frozenset({"controller", "auditor", "administrator"})


def _stands(route: Served, who: Persona) -> bool:
    """Whether a persona is another relation to what the route is about: where no exchange is, parties are alike, so that
    one of them comes with every function and the others with a few."""
    return (
        who.party == CAF or who.role in _FEW or (who.party == SGL and "{request_id}" in route.path and not route.page)
    )


def _agrees(route: Served, right: Right, who: Persona, wanted: str, answer: Any) -> bool:
    """Whether an answer is what the table says. A page may say what is wrong with a form, or that what it is about is
    not there, before or after it looks at the right: what it refuses, it refuses; what it gives, it does not forbid."""
    found = verdict(answer)
    if found == wanted or (who.party == OUTSIDE and answer.status == 404):  # nothing is kept for a party outside
        return True
    if wanted == "not-found" and found == "forbidden" and who.role not in right.roles:
        return True  # refused for the function, before anything is looked for
    if route.page and wanted == "allowed":
        return found == "not-found"
    return route.page and 400 <= answer.status < 500 and found != "unauthenticated"


ABOUT_RIGHTS = [route for route in ROUTES if not {"public", "enter", "account.own"} & set(route.rights)]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_happens_is_what_the_table_says(all_of: Everything) -> None:
    wrong: list[str] = []
    asked = 0
    for route in ABOUT_RIGHTS:
        for who in (who for who in all_of.personas if _stands(route, who)):
            own = all_of.of_party.get(who.party) or {}
            if "tokens.own" in route.rights:
                own = {**own, "token": who.token_id}
            form = form_of(own) if route.page and route.method == "POST" else None
            for path, target in _addresses(route, all_of, who):
                right = _right(route, path, "one's own" if route.page and own.get("absent") == who.account else target)
                means = who.browser() if route.page else who.bearer()
                answer = await all_of.ask(route, path, means, form=form)
                asked += 1
                wanted = expected(right, who, own_of(right, who, target))
                if not _agrees(route, right, who, wanted, answer):
                    said = answer.body.decode()[:160]
                    wrong.append(f"{route.method} {path} by {who.role} of {who.party} ({target}): {wanted} by "
                                 f"{right.name}, got {answer.status} {said}")  # fmt: skip
                if SECRET_TEXT in _without_own(answer.body.decode(errors="replace"), who.party):
                    wrong.append(f"{route.method} {path} by {who.role} of {who.party}: shows what is another party's")
    assert not wrong, "\n".join([f"{len(wrong)} of {asked}: the table and what happens differ", *wrong[:40]])
    assert asked > 4000


def _without_own(text: str, party: str) -> str:
    """A text less what the party itself wrote in it."""
    return text.replace(f"{SECRET_TEXT} ({party})", "")


def own_of(right: Right, who: Persona, target: str) -> str:
    return who.party if target in {"own", "entry"} else target


MACHINES = [route for route in ABOUT_RIGHTS if not route.page]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_token_of_less_scope_than_a_route_asks_opens_nothing(all_of: Everything) -> None:
    """The same account, with every function: with the scope the answer is another, without it the same refusal."""
    world, made = all_of.world, dict[str, str]()
    now, until = world.calendar(), end_of_day(date(2023, 12, 31))

    async def work(tx: Any) -> None:
        account = await account_for(tx, "tout@caf.example", now)
        await grant(tx, account, CAF, enumeration("role"), date(2021, 1, 1), None)
        for scope in SCOPES:
            made[f"only {scope}"] = await keep_token(tx, account, CAF, now, until, (scope,), "")
            others = [other for other in SCOPES if other != scope]
            made[f"all but {scope}"] = await keep_token(tx, account, CAF, now, until, others, "")
        made[ALL] = await keep_token(tx, account, CAF, now, until, (ALL,), "")

    await all_of.world.gate.engine._engine.transact(work)
    who = all_of.persona(CAF, "controller")
    for route in MACHINES:
        path, _ = next(_addresses(route, all_of, who))
        asked = scopes_of(route.rights)
        full = await all_of.ask(route, path, {"authorization": f"Bearer {made[ALL]}"})
        assert full.slug not in {"insufficient-scope", "unauthenticated"}, path
        for name, token in made.items():
            answer = await all_of.ask(route, path, {"authorization": f"Bearer {token}"})
            held = {name.removeprefix("only ")} if name.startswith("only ") else set(SCOPES) - {name[8:]}
            enough = name == ALL or bool(held & asked)
            assert (answer.slug == "insufficient-scope") is not enough, (route, name, answer.status)
            assert not enough or answer.status == full.status, (route, name)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_without_a_live_credential_or_a_function_today_nothing_is_open(all_of: Everything) -> None:
    world, now, ended = all_of.world, all_of.world.calendar(), dict[str, str]()

    async def work(tx: Any) -> None:
        account = await account_for(tx, "ancien@caf.example", now)
        await grant(tx, account, CAF, enumeration("role"), date(2021, 1, 1), date(2023, 2, 28))
        ended["token"] = await keep_token(tx, account, CAF, now, end_of_day(date(2023, 12, 31)), (ALL,), "")
        ended["over"] = await keep_token(tx, account, CAF, now, end_of_day(date(2023, 2, 28)), (ALL,), "")
        ended["session"] = await open_session(tx, account, "open", now, "essai", factor=True)
        await tx.execute("UPDATE session SET party = ? WHERE hash = ?", CAF, session_hash(ended["session"]))

    await world.gate.engine._engine.transact(work)
    who = all_of.persona(CAF, "controller")
    past = Persona(CAF, "", "", ended["token"], "", ended["session"])
    for route in [route for route in ROUTES if not {"public", "enter"} & set(route.rights)]:
        path, _ = next(_addresses(route, all_of, who))
        form = form_of(all_of.of_party[CAF]) if route.page and route.method == "POST" else None
        open_to_all = route.path == "/connexion/partie"  # where somebody without a party chooses one
        for means in ({}, {"authorization": "Bearer ecl_faux"}, {"authorization": f"Bearer {ended['over']}"},
                      {"cookie": "ecluse=" + "x" * 43}):  # fmt: skip
            answer = await all_of.ask(route, path, {"origin": ORIGIN, **means}, form=form)
            assert answer.slug in {"unauthenticated", "cross-site"}, (route, means, answer.status)
        if route.page:
            pages = await all_of.ask(route, path, who.bearer() | {"origin": ORIGIN}, form=form)
            assert pages.slug in {"unauthenticated", "cross-site"}, (route, "a token is no session")
        if "account.own" not in route.rights and not open_to_all:
            means = past.browser() if route.page else past.bearer()
            answer = await all_of.ask(route, path, means, form=form)
            spoilt = route.page and 400 <= answer.status < 500  # a page may say first that a form cannot be read
            assert spoilt or answer.slug in {"unauthenticated", "forbidden", "not-found"}, (route, answer.status)
            over = await all_of.ask(route, path, past.browser(), form=form)
            assert spoilt or over.slug == "unauthenticated", (route, over.status)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_person_at_a_browser_has_the_same_rights_as_their_token(all_of: Everything) -> None:
    for route in MACHINES:
        for role in ("requester", "controller", "administrator"):
            who = all_of.persona(CAF, role)
            path, _ = next(_addresses(route, all_of, who))
            token = await all_of.ask(route, path, who.bearer())
            session = await all_of.ask(route, path, who.browser())
            assert (session.status, session.slug) == (token.status, token.slug), (route, role)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_several_hats_never_meet_in_one_exchange(world: World) -> None:
    """The same person with every function of both parties: who asked neither advises nor decides, who advised does not
    decide, whatever function and party they come with; somebody else does."""
    every = enumeration("role")

    async def hats(tx: Any) -> dict[tuple[str, str], str]:
        found, now = {}, world.calendar()
        for name, address in (("asker", "demandeuse@exemple.fr"), ("dpo", email(CAF, "dpo"))):
            account = await account_for(tx, address, now)
            for party in (CAF, SGL):
                await grant(tx, account, party, every, date(2021, 1, 1), None)
                found[party, name] = await keep_token(
                    tx, account, party, now, end_of_day(date(2023, 12, 31)), (ALL,), ""
                )
        return found

    world.tokens |= await world.gate.engine.transact(hats)
    by_asker = await world.ok((SGL, "asker"), "POST", f"/conventions/{CONVENTION}/requests", request_document())
    base = f"/requests/{by_asker['id']}"
    await world.ok((SGL, "asker"), "POST", f"{base}/filing", {}, version=1)
    await world.ok((CAF, "business_referent"), "POST", f"{base}/admission", {"outcome": "under_study"})
    opinion, decision = {"value": "favourable", "text": "Avis."}, {"value": "approved"}
    version = await world.version(by_asker["id"])
    await world.refused(
        403, "separation-of-duties", (CAF, "asker"), "POST", f"{base}/opinion", opinion, version=version
    )
    await world.refused(403, "forbidden", (SGL, "asker"), "POST", f"{base}/opinion", opinion, version=version)
    await world.studied(by_asker["id"])
    await world.ok((CAF, "dpo"), "POST", f"{base}/opinion", opinion, version=version)
    for hat in ("asker", "dpo"):
        await world.refused(
            403, "separation-of-duties", (CAF, hat), "POST", f"{base}/decision", decision, version=version
        )
        await world.refused(403, "forbidden", (SGL, hat), "POST", f"{base}/decision", decision, version=version)
    assert (await world.read(by_asker["id"]))["state"] == "awaiting_decision"
