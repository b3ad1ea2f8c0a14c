"""Connections and transactions.

Source: https://docs.sqlalchemy.org/en/21/orm/extensions/asyncio.html
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from fastapi_single_process.config import Settings
from fastapi_single_process.db.embedded import embedded_database
from fastapi_single_process.db.server_version import refuse_old_server

__all__ = ["AsyncSession", "Sessions", "create_sessions", "database_url", "open_engine"]

type Sessions = async_sessionmaker[AsyncSession]


@contextmanager
def database_url(settings: Settings) -> Iterator[URL]:
    """Give the URL of the settings, or that of an embedded PostgreSQL, running meanwhile."""
    if settings.database_url is not None:
        yield settings.database_url
    else:
        with embedded_database() as url:
            yield url


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Give a pool of connections, closed at the end.

    Nothing is connected before the first statement, so the service starts while the database is
    down, and recovers when it comes back.
    """
    with database_url(settings) as url:
        engine = create_async_engine(
            url,
            pool_size=settings.database_pool_size,
            max_overflow=settings.database_max_overflow,
            pool_timeout=settings.database_pool_timeout,
            pool_recycle=settings.database_pool_recycle,
            pool_pre_ping=settings.database_pool_pre_ping,
            connect_args={
                "timeout": settings.database_connect_timeout,
                "command_timeout": settings.database_command_timeout,
                "server_settings": {
                    "lock_timeout": f"{round(settings.database_lock_timeout * 1000)}ms"
                },
            },
        )
        refuse_old_server(engine)
        try:
            yield engine
        finally:
            await engine.dispose()


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Make sessions on a pool; objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)
