"""The application: settings and keys read, database opened in the lifespan, routes and error handlers assembled."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from registry.gate import Gate
from registry.publishing.operator import Operator
from registry.refusals import Refusal
from registry.storage.engines import Busy, engine_for
from server.api import (
    conventions,
    devices,
    documents,
    erasure,
    exports,
    flows,
    imports,
    indicators,
    ledger,
    registers,
    requests,
    system,
)
from server.api import webhooks as webhooks_api
from server.api.http import JSON_LIMIT, PREFIX
from server.auth.browser import api_guard, page_guard
from server.auth.context import Auth
from server.auth.oidc import Provider
from server.auth.passkeys import Site
from server.cleaning import Cleaner, cleaning
from server.expiry import expiring
from server.headers import hardened
from server.home import is_demo, load_guard, load_log_signer, load_recorder, load_secrets, load_vault
from server.jobs import Jobs
from server.logs import configure_logs
from server.mail.postman import delivering, postman_of
from server.nightly import every_night
from server.pages import (
    accessibility,
    account,
    act,
    assets,
    attaching,
    convention,
    dashboard,
    demonstration,
    exchange,
    exchanges,
    existing,
    filing,
    filing_review,
    filing_start,
    flow_log,
    inbox,
    inspection,
    invitation,
    mails,
    mandates,
    outside_identity,
    own_record,
    own_texts,
    party_accounts,
    register,
    register_confirm,
    register_edit,
    register_entry,
    register_export,
    register_import,
    reread,
    reviews,
    sign_in,
    stages,
    tokens,
    transfers,
    verification,
    versions,
    webhooks,
    welcome,
)
from server.pages.compression import Compression
from server.problems import on_any, on_busy, on_http, on_refusal
from server.publication import publishing, stop_serving, workers_of
from server.readiness import require_current
from server.settings import Settings
from server.webhooks import Announcer, announcing

PRIVATE_HANDLERS = [
    *conventions.HANDLERS, *requests.HANDLERS, *devices.HANDLERS, *registers.HANDLERS, *imports.HANDLERS,
    *documents.HANDLERS, *exports.HANDLERS, *ledger.HANDLERS, *erasure.HANDLERS, *flows.HANDLERS,
    *webhooks_api.HANDLERS, *indicators.HANDLERS,
]  # fmt: skip
PUBLIC_HANDLERS = [*system.HANDLERS, *documents.PUBLIC_HANDLERS]
API_HANDLERS = [*PRIVATE_HANDLERS, *PUBLIC_HANDLERS]
PAGE_HANDLERS = [
    *welcome.HANDLERS, *exchanges.HANDLERS, *sign_in.HANDLERS, *account.HANDLERS, *party_accounts.HANDLERS,
    *invitation.HANDLERS, *mandates.HANDLERS, *outside_identity.HANDLERS, *inspection.HANDLERS, *inbox.HANDLERS,
    *exchange.HANDLERS, *verification.HANDLERS, *versions.HANDLERS, *tokens.HANDLERS, *filing_start.HANDLERS,
    *filing.HANDLERS, *filing_review.HANDLERS, *stages.HANDLERS, *register.HANDLERS, *register_edit.HANDLERS,
    *register_entry.HANDLERS, *register_confirm.HANDLERS, *register_export.HANDLERS, *register_import.HANDLERS,
    *act.HANDLERS, *reread.HANDLERS, *attaching.HANDLERS, *own_texts.HANDLERS, *convention.HANDLERS,
    *own_record.HANDLERS, *mails.HANDLERS, *webhooks.HANDLERS, *flow_log.HANDLERS, *reviews.HANDLERS,
    *existing.HANDLERS, *dashboard.HANDLERS, *transfers.HANDLERS, *accessibility.HANDLERS,
]  # fmt: skip


def routers(*, demo: bool) -> list[ControllerRouterHandler]:
    """Everything that is served, each route with its guard; the demonstration's entrance in a demonstration only."""
    pages = [*PAGE_HANDLERS, *(demonstration.HANDLERS if demo else [])]
    return [
        Router(PREFIX, route_handlers=PRIVATE_HANDLERS, guards=[api_guard]),
        Router(PREFIX, route_handlers=PUBLIC_HANDLERS),
        Router("/", route_handlers=ledger.ROOT_HANDLERS, guards=[api_guard]),
        *system.ROOT_HANDLERS,
        *assets.HANDLERS,
        *mails.PUBLIC_HANDLERS,
        Router("/", route_handlers=pages, guards=[page_guard], middleware=[Compression()]),
    ]


def create_app(settings: Settings) -> Litestar:
    """The ASGI application. The database is opened when it starts and closed when it stops.

    Raises SettingError when keys are missing; starting fails when the database is not migrated.
    """
    configure_logs()
    return assembled(parts_of(settings))


def parts_of(settings: Settings) -> State:
    """All that works behind the routes, not yet started. Raises SettingError when keys are missing."""
    engine = engine_for(settings.database_url, pool_size=settings.pool_size)
    recorder = load_recorder(settings)
    gate = Gate(engine, load_vault(settings), recorder, settings.clock)
    operator = Operator(engine, recorder, load_log_signer(settings), load_guard(settings), gate.now)
    gate.on_recorded = operator.wake
    gate.mailing = settings.smtp is not None
    auth = _auth(settings, gate)
    witnesses, workers = workers_of(settings, engine, operator, gate.now)
    return State(
        {
            "gate": gate,
            "settings": settings,
            "jobs": Jobs(gate, settings),
            "operator": operator,
            "witnesses": witnesses,
            "workers": workers,
            "cleaner": Cleaner(engine),
            "auth": auth,
            "announcer": Announcer(gate, private=settings.private_webhooks),
            "postman": postman_of(settings, gate, auth.secrets),
            "failure": None,
            "stop": stop_serving,
        }
    )


_OBJECTS = 10_000
"""Objects made between two searches for unreachable ones: a long page makes two thousand that end with it, and a search
in the middle of one finds them all alive."""


@asynccontextmanager
async def _living(app: Litestar) -> AsyncIterator[None]:
    """What works while the application serves."""
    state = app.state
    gate: Gate = state.gate
    await gate.engine.open()
    try:
        await require_current(gate.engine)
        await state.operator.check()
        await state.witnesses.check()
        gc.freeze()  # what start-up made lives as long as the process: no collection need walk it again
        gc.set_threshold(_OBJECTS)
        async with (
            publishing(state.workers, app), cleaning(state.cleaner), expiring(gate, state.settings.periods),
            state.jobs.running(), delivering(state.postman), announcing(state.announcer), every_night(gate),
        ):  # fmt: skip
            yield
    finally:
        await gate.engine.close()


def assembled(state: State) -> Litestar:
    """Every route, in front of these parts."""
    auth: Auth = state.auth
    return Litestar(
        route_handlers=routers(demo=auth.demo),
        lifespan=[_living],
        state=state,
        before_send=[hardened(https=auth.https)],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=JSON_LIMIT,
        exception_handlers={Refusal: on_refusal, Busy: on_busy, HTTPException: on_http, 500: on_any, Exception: on_any},
    )


def _auth(settings: Settings, gate: Gate) -> Auth:
    site, oidc = Site(settings.public_url), settings.oidc
    provider = Provider(oidc, f"{site.origin}{outside_identity.CALLBACK}") if oidc is not None else None
    return Auth(gate, load_secrets(settings), site, provider, demo=is_demo(settings))
