"""Connections and transactions.

Source: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, NamedTuple, Protocol  # a key is of whatever type its column has

from sqlalchemy import ScalarResult
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.sql.selectable import TypedReturnsRows

from fastapi_single_process.config import Settings
from fastapi_single_process.db.connections import (
    GRACE_PERIOD,
    close_connections,
    connection_class,
    watch_connections,
)
from fastapi_single_process.db.embedded import SERVICE_ROLE, embedded_database
from fastapi_single_process.db.failures import QueuePool, translate_errors
from fastapi_single_process.db.server_version import refuse_old_server

__all__ = [
    "AsyncSession",
    "DatabaseURLs",
    "ReadSession",
    "ReadSessions",
    "Sessions",
    "create_read_sessions",
    "create_sessions",
    "database_urls",
    "open_engine",
    "open_health_engine",
]

type Sessions = async_sessionmaker[AsyncSession]


class DatabaseURLs(NamedTuple):
    """One database, and two roles on it: the service's, and the owner of the tables."""

    service: URL
    owner: URL


class ReadSession(Protocol):
    """What of a session only reads. A function that takes it can't write, and mypy knows."""

    async def get[Row](self, entity: type[Row], ident: Any, /) -> Row | None:
        """Give the row of a key, if there is one."""

    async def scalar[Value](self, statement: TypedReturnsRows[Value], /) -> Value | None:
        """Give the first column of the first row."""

    async def scalars[Value](self, statement: TypedReturnsRows[Value], /) -> ScalarResult[Value]:
        """Give the first column of every row."""


type ReadSessions = Callable[[], AbstractAsyncContextManager[ReadSession]]


@contextmanager
def database_urls(settings: Settings) -> Iterator[DatabaseURLs]:
    """Give the URLs of the settings, or those of an embedded PostgreSQL, running meanwhile."""
    if (url := settings.database_url) is not None:
        yield DatabaseURLs(url, settings.migration_database_url or url)
    else:
        with embedded_database() as owner:
            yield DatabaseURLs(owner.set(username=SERVICE_ROLE), owner)


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Give a pool of connections, closed at the end, all at once and within a second.

    Nothing is connected before the first statement, so the service starts while the database is
    down, and recovers when it comes back. What it raises is in ``db.failures``.
    """
    with database_urls(settings) as urls:
        engine = create_async_engine(
            urls.service,
            hide_parameters=True,
            poolclass=QueuePool,
            pool_size=settings.database_pool_size,
            max_overflow=settings.database_max_overflow,
            pool_timeout=settings.database_pool_timeout,
            pool_recycle=settings.database_pool_recycle,
            connect_args={
                "timeout": settings.database_connect_timeout,
                "command_timeout": settings.database_command_timeout + GRACE_PERIOD,
                "connection_class": connection_class(settings),
            },
        )
        translate_errors(engine)
        opened = watch_connections(engine)
        refuse_old_server(engine)
        try:
            yield engine
        finally:
            await close_connections(opened)
            await engine.dispose()


@asynccontextmanager
async def open_health_engine(settings: Settings, engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """Give connections for the health check, to the same database as those of another engine.

    In the pool of the requests it would wait behind them, and call a database that is busy gone. A
    wait for a lock ends before the check does: then it can say so.
    """
    half = settings.health_timeout / 2
    own = {
        "database_url": engine.url,
        "database_pool_size": 1,
        "database_max_overflow": 4,  # while one that isn't answered is being closed
        "database_pool_timeout": half,
        "database_lock_timeout": half,
    }
    async with open_engine(settings.model_copy(update=own)) as opened:
        yield opened


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Make sessions on a pool; objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def create_read_sessions(engine: AsyncEngine) -> ReadSessions:
    """Make sessions whose transactions begin as ``READ ONLY``: the database refuses a write, too.

    It goes with BEGIN, in the same trip.
    """
    read_only = engine.execution_options(postgresql_readonly=True)
    return async_sessionmaker(read_only, expire_on_commit=False)
