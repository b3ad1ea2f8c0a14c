"""The composition root: settings in, application out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version

from fastapi import FastAPI

from fastapi_single_process.api import docs
from fastapi_single_process.api.dependencies import State
from fastapi_single_process.api.headers import DefaultHeaders
from fastapi_single_process.api.openapi import ProblemAPI, name_operation
from fastapi_single_process.api.problems import pages
from fastapi_single_process.api.problems.handlers import add_error_handlers
from fastapi_single_process.api.protocol.limits import RequestGuard
from fastapi_single_process.api.protocol.targets import RequestTargets
from fastapi_single_process.api.v1.router import router
from fastapi_single_process.config import Settings, get_settings
from fastapi_single_process.db.connections import CLOSE_TIMEOUT
from fastapi_single_process.db.session import (
    create_read_sessions,
    create_sessions,
    open_engine,
    open_health_engine,
)
from fastapi_single_process.services.idempotency import purge_periodically

__all__ = ["app", "create_app"]


def create_app(settings: Settings) -> FastAPI:
    """Build the application. Two with other settings may live in one process."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with (
            open_engine(settings) as engine,
            open_health_engine(settings, engine) as health_engine,
        ):
            sessions = create_sessions(engine)
            lifetime = timedelta(seconds=settings.idempotency_key_lifetime)
            purge = asyncio.create_task(purge_periodically(sessions, older_than=lifetime))
            try:
                yield State(
                    settings=settings,
                    sessions=sessions,
                    read_sessions=create_read_sessions(engine),
                    health_sessions=create_sessions(health_engine),
                )
            finally:
                # With a silent database it may take long to end: the connections don't wait for it.
                purge.cancel()
                await asyncio.wait({purge}, timeout=CLOSE_TIMEOUT)

    app = ProblemAPI(
        title="fastapi-single-process",
        version=version("fastapi-single-process"),
        openapi_url="/openapi.json" if settings.docs_enabled else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=name_operation,
        lifespan=lifespan,
    )
    app.include_router(router)
    app.include_router(pages.router)
    if settings.docs_enabled:
        app.include_router(docs.router)
    app.add_middleware(RequestGuard, max_body_size=settings.max_body_size)
    app.add_middleware(RequestTargets)
    app.add_middleware(DefaultHeaders)
    add_error_handlers(app)
    return app


def configure_logging(settings: Settings) -> None:
    """Let the service's loggers print. They are the process's own, and not an application's."""
    logging.basicConfig(format="%(levelname)s:     %(name)s: %(message)s")
    logging.getLogger("fastapi_single_process").setLevel(settings.log_level)


configure_logging(get_settings())
app = create_app(get_settings())
