"""The composition root: settings in, application out."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from fastapi_single_process.api.dependencies import State
from fastapi_single_process.api.v1.router import router
from fastapi_single_process.config import Settings, get_settings
from fastapi_single_process.db.session import create_sessions, open_engine

__all__ = ["app", "create_app"]


def create_app(settings: Settings) -> FastAPI:
    """Build the application. Two with other settings may live in one process."""
    logging.basicConfig(format="%(levelname)s:     %(name)s: %(message)s")
    logging.getLogger("fastapi_single_process").setLevel(settings.log_level)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with open_engine(settings) as engine:
            yield State(settings=settings, sessions=create_sessions(engine))

    app = FastAPI(
        title="fastapi-single-process",
        version=version("fastapi-single-process"),
        openapi_url="/openapi.json" if settings.docs_enabled else None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.include_router(router)
    return app


app = create_app(get_settings())
