"""Connections that keep their limits: of a transaction, of a statement, of their own end.

Sources: https://www.postgresql.org/docs/18/runtime-config-client.html and
https://docs.sqlalchemy.org/en/21/core/events.html
"""

import asyncio
from typing import Any  # the parameters of a statement are whatever it takes
from weakref import WeakSet

from asyncpg import Connection
from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import ExecutionContext, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

from fastapi_single_process.config import Settings

__all__ = [
    "CLOSE_TIMEOUT",
    "GRACE_PERIOD",
    "close_connections",
    "connection_class",
    "watch_connections",
]

CLOSE_TIMEOUT = 0.5  # seconds: a server that is well takes some milliseconds
GRACE_PERIOD = 1  # second by which the server's limit comes before the driver's


def _limits(settings: Settings) -> dict[str, str]:
    return {
        "lock_timeout": f"{settings.database_lock_timeout * 1000:.0f}ms",
        "statement_timeout": f"{settings.database_command_timeout * 1000:.0f}ms",
        "idle_in_transaction_session_timeout": (
            f"{settings.database_idle_transaction_timeout * 1000:.0f}ms"
        ),
        # A client that is gone, or behind a broken line, doesn't keep its locks meanwhile.
        "client_connection_check_interval": "1s",
        "tcp_keepalives_idle": "5s",
        "tcp_keepalives_interval": "5s",
        "tcp_keepalives_count": "3",
    }


def connection_class(settings: Settings) -> type[Connection]:
    """Make a class of connections whose transactions begin with their limits.

    The limits go with BEGIN, in one trip. As parameters of the connection they would not come
    through a pooler, which lends one server connection to many clients.
    """
    limits = "".join(f" SET LOCAL {name} = '{value}';" for name, value in _limits(settings).items())

    class LimitedConnection(Connection):
        __slots__ = ("failed_to_begin",)

        async def execute(  # the class above has the parameter
            self,
            query: str,
            *args: Any,
            timeout: float | None = None,  # noqa: ASYNC109
        ) -> str:
            begins = query.startswith("BEGIN")
            self.failed_to_begin = begins
            status: str = await super().execute(
                query + limits if begins else query, *args, timeout=timeout
            )
            self.failed_to_begin = False
            return status

        async def close(self, **_: Any) -> None:
            try:
                await super().close(timeout=CLOSE_TIMEOUT)  # type: ignore[no-untyped-call]
            except (OSError, InterfaceError, PostgresError):
                self.terminate()  # type: ignore[no-untyped-call]

    return LimitedConnection


def watch_connections(engine: AsyncEngine) -> WeakSet[Connection]:
    """Replace what has ended, and run again what a migration got in the way of.

    Gives the open connections of the engine.
    """
    opened: WeakSet[Connection] = WeakSet()

    @event.listens_for(engine.sync_engine, "connect")
    def remember(connection: DBAPIConnection, _: object) -> None:
        opened.add(connection.driver_connection)

    @event.listens_for(engine.sync_engine, "checkout")
    def look(connection: DBAPIConnection, *_: object) -> None:
        # The operating system has told when the server closed it: that costs no trip.
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError

    @event.listens_for(engine.sync_engine, "do_execute")
    def execute(
        cursor: DBAPICursor, statement: str, parameters: Any, context: ExecutionContext
    ) -> bool:
        connection = context.root_connection.connection
        driver = connection.driver_connection
        is_first = driver is not None and not driver.is_in_transaction()
        try:
            cursor.execute(statement, parameters)
        except context.dialect.loaded_dbapi.InvalidCachedStatementError as error:
            # A migration has changed a type under a prepared statement. Nothing was done yet.
            if not is_first:
                raise
            context.handle_dbapi_exception(error)  # forgets every prepared statement
            context.pre_exec()
            connection.rollback()
            cursor.execute(statement, parameters)
        return True

    return opened


async def close_connections(opened: WeakSet[Connection]) -> None:
    """Close all connections at once; one whose server is silent is broken off."""
    closing = (connection.close() for connection in list(opened))  # type: ignore[no-untyped-call]
    await asyncio.gather(*closing)
