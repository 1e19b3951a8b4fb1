"""The application: settings and keys read, database opened in the lifespan, routes and error handlers assembled."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from registry.gate import Gate
from registry.publishing.operator import Operator
from registry.refusals import Refusal
from registry.storage.engines import Busy, engine_for
from server.api import conventions, documents, erasure, exports, imports, ledger, registers, requests, system
from server.api.http import JSON_LIMIT, PREFIX, require_bearer
from server.cleaning import Cleaner, cleaning
from server.home import load_guard, load_log_signer, load_recorder, load_vault
from server.jobs import Jobs
from server.logs import configure_logs
from server.pages import exchanges, welcome
from server.problems import on_any, on_busy, on_http, on_refusal
from server.publication import publishing, stop_serving, workers_of
from server.readiness import require_current
from server.settings import Settings

PRIVATE_HANDLERS = [
    *conventions.HANDLERS, *requests.HANDLERS, *registers.HANDLERS, *imports.HANDLERS, *documents.HANDLERS,
    *exports.HANDLERS, *ledger.HANDLERS, *erasure.HANDLERS,
]  # fmt: skip
PUBLIC_HANDLERS = [*system.HANDLERS, *documents.PUBLIC_HANDLERS]
API_HANDLERS = [*PRIVATE_HANDLERS, *PUBLIC_HANDLERS]


def create_app(settings: Settings) -> Litestar:
    """The ASGI application. The database is opened when it starts and closed when it stops.

    Raises SettingError when keys are missing; starting fails when the database is not migrated.
    """
    configure_logs()
    engine = engine_for(settings.database_url, pool_size=settings.pool_size)
    recorder = load_recorder(settings)
    gate = Gate(engine, load_vault(settings), recorder, settings.clock)
    operator = Operator(engine, recorder, load_log_signer(settings), load_guard(settings), gate.now)
    gate.on_recorded = operator.wake
    jobs = Jobs(gate, settings)
    witnesses, workers = workers_of(settings, engine, operator, gate.now)
    cleaner = Cleaner(engine)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        await engine.open()
        try:
            await require_current(engine)
            await operator.check()
            await witnesses.check()
            gc.freeze()  # what start-up made lives as long as the process: no collection need walk it again
            async with publishing(workers, app), cleaning(cleaner), jobs.running():
                yield
        finally:
            await engine.close()

    return Litestar(
        route_handlers=[
            Router(PREFIX, route_handlers=PRIVATE_HANDLERS, guards=[require_bearer]),
            Router(PREFIX, route_handlers=PUBLIC_HANDLERS),
            Router("/", route_handlers=ledger.ROOT_HANDLERS, guards=[require_bearer]),
            *system.ROOT_HANDLERS,
            *welcome.HANDLERS,
            *exchanges.HANDLERS,
        ],
        lifespan=[lifespan],
        state=State(
            {
                "gate": gate,
                "settings": settings,
                "jobs": jobs,
                "operator": operator,
                "cleaner": cleaner,
                "failure": None,
                "stop": stop_serving,
            }
        ),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=JSON_LIMIT,
        exception_handlers={Refusal: on_refusal, Busy: on_busy, HTTPException: on_http, 500: on_any, Exception: on_any},
    )
