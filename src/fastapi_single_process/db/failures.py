"""What the database, and the way to it, fails with: translated where it happens.

The layers above know the errors of this module, and no driver's. Everything else that comes out of
the database is a defect of ours, or a constraint that a service has an answer to.
Source: https://www.postgresql.org/docs/18/errcodes-appendix.html
"""

import logging

from asyncpg.exceptions import InterfaceError, InvalidCachedStatementError, PostgresError
from sqlalchemy import Pool, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, PoolProxiedConnection

__all__ = [
    "DatabaseBusyError",
    "DatabaseError",
    "DatabaseUnavailableError",
    "NoPool",
    "QueuePool",
    "describe",
    "sqlstate",
    "translate_errors",
]

# An SQLSTATE by its beginning: two characters are a class.
UNAVAILABLE = (
    "08",  # connection exception
    "25006",  # read-only: a standby, or what was the primary
    "28",  # invalid authorization: the password was changed
    "3D",  # invalid catalog name: there is no such database
    "53",  # insufficient resources: the disk is full
    "57P",  # shutdown, or not up yet
    "58",  # system error: the server can't read its files
)
BUSY = (
    "25P03",  # idle in transaction for too long
    "25P04",  # transaction for too long
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53300",  # too many connections
    "55P03",  # lock not available
    "57014",  # query cancelled
)
ELSEWHERE = ("08", "25006", "57P")  # another connection may lead to a server that can
REPEATABLE = ("25006", "40001", "40P01")  # nothing was written, and another time it may be
UNFIT = "22"  # data exception
LONGEST = 300  # characters of a reason
REMEDIES = {
    "42501": "; `alembic upgrade head` grants the service's role what it needs, as the owner whose"
    " URL is in APP_MIGRATION_DATABASE_URL"
}

# SQLAlchemy names a pool's logger after its class: what it tells of each connection would come out
# as the service's own.
logging.getLogger(__name__).setLevel(logging.WARNING)


class DatabaseError(Exception):
    """The database can't do now what it can do at another time; the request isn't at fault."""

    def __init__(
        self, reason: str, *, sqlstate: str = "", repeatable: bool = False, context: str = ""
    ) -> None:
        """Say why, in one line that may go into a log.

        ``repeatable`` says that nothing was written, and that the transaction may be run again at
        once. ``context`` is where in its own work the server was.
        """
        super().__init__(reason)
        self.sqlstate = sqlstate
        self.repeatable = repeatable
        self.context = context


class DatabaseUnavailableError(DatabaseError):
    """The database can't be reached, or refuses to serve. What became of a COMMIT nobody knows."""


class DatabaseBusyError(DatabaseError):
    """Others have what is needed, a lock or a connection. Nothing was written."""


def sqlstate(error: BaseException) -> str:
    """Give the SQLSTATE of an error, wrapped or not; nothing if it has none."""
    return getattr(_origin(error), "sqlstate", None) or ""


def _origin(error: BaseException) -> BaseException:
    """Give asyncpg's error: SQLAlchemy wraps it twice."""
    while isinstance(wrapped := getattr(error, "orig", None), Exception):
        error = wrapped
    cause = error.__cause__
    return cause if isinstance(cause, PostgresError | InterfaceError) else error


def describe(error: BaseException) -> str:
    """Say in one line what the database, or the way to it, has against a request."""
    if isinstance(error, DatabaseError):
        return str(error)
    error = _origin(error)
    text = " ".join(str(error.args[0] if isinstance(error, PostgresError) else error).split())
    name = sqlstate(error) or type(error).__name__
    text = f"{text[:LONGEST]}{REMEDIES.get(name, '')}"
    return f"{name}: {text}" if text else f"{name}: no answer in time"


def _translate(
    error: BaseException, *, connecting: bool = False, lost: bool = False, unbegun: bool = False
) -> DatabaseError | None:
    origin, state = _origin(error), sqlstate(error)
    reason, context = describe(origin), getattr(origin, "context", None) or ""
    if state.startswith(BUSY) or isinstance(origin, InvalidCachedStatementError):
        again = state in REPEATABLE or isinstance(origin, InvalidCachedStatementError)
        return DatabaseBusyError(reason, sqlstate=state, repeatable=again, context=context)
    if connecting or lost or state.startswith(UNAVAILABLE):
        again = unbegun or state in REPEATABLE
        return DatabaseUnavailableError(reason, sqlstate=state, repeatable=again, context=context)
    return None


def translate_errors(engine: AsyncEngine) -> None:
    """Let an engine raise our errors. A connection to the wrong server, or to none, is given up."""

    @event.listens_for(engine.sync_engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        error = context.original_exception
        if isinstance(error, DatabaseError) or not isinstance(error, Exception):
            return
        # A statement without an answer in time is a bare TimeoutError, and so an OSError. What
        # comes through here is the driver's: an error of a route's own doesn't.
        silent = isinstance(error, OSError)
        found = _translate(
            error, lost=context.is_disconnect or silent, unbegun=_is_unbegun(context)
        )
        if found is None:
            _hide_values(context)
        elif silent:
            context.is_disconnect = True
            context.invalidate_pool_on_disconnect = False  # the others may be answered
        elif found.sqlstate.startswith(ELSEWHERE):
            context.is_disconnect = True
        if found is not None:
            raise found


def _is_unbegun(context: ExceptionContext) -> bool:
    """Tell whether not even BEGIN went through: then nothing did."""
    connection = context.connection
    driver = connection and not connection.invalidated and connection.connection.driver_connection
    return bool(getattr(driver, "failed_to_begin", False))


def _hide_values(context: ExceptionContext) -> None:
    """Take the values of rows and parameters out of what will be logged with a defect."""
    error = context.original_exception
    origin = _origin(error)
    vars(origin).pop("detail", None)  # "Failing row contains (…)"
    # A value that doesn't fit its type is in the message itself, asyncpg's or the server's.
    if sqlstate(error).startswith(UNFIT):
        for one in filter(None, (origin, error, context.sqlalchemy_exception)):
            one.args = (f"{type(origin).__name__}: a value doesn't fit; it isn't shown",)


class _Translating(Pool):
    """Translates whatever is raised while a connection is being made: it isn't the request's."""

    def connect(self) -> PoolProxiedConnection:
        """Give a connection, or raise DatabaseUnavailableError or DatabaseBusyError."""
        try:
            return super().connect()
        except DatabaseError:  # what is raised about a connection that is there
            raise
        except PoolTimeoutError as error:
            raise DatabaseBusyError("no connection of the pool became free in time") from error
        except Exception as error:
            found = _translate(error, connecting=True)
            assert found is not None  # noqa: S101 (for mypy: while connecting there is always one)
            raise found from error


class QueuePool(_Translating, AsyncAdaptedQueuePool):
    """SQLAlchemy's pool, with our errors."""


class NoPool(_Translating, NullPool):
    """A connection for each use, with our errors."""
