"""What an error of the database means: that it is away, that it is busy, or a defect.

Source: https://www.postgresql.org/docs/18/errcodes-appendix.html
"""

from typing import Literal

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

__all__ = ["DATABASE_ERRORS", "Failure", "classify", "sqlstate"]

type Failure = Literal["away", "busy"]

# asyncpg's own errors, and the operating system's, come through while a connection is being made.
DATABASE_ERRORS = (DBAPIError, PoolTimeoutError, PostgresError, InterfaceError, OSError)
"""What the database and the way to it may raise."""

AWAY = (
    "08",  # connection exception
    "25006",  # read-only: what was the primary is a standby now
    "57P01",  # admin shutdown
    "57P02",  # crash shutdown
    "57P03",  # cannot connect now
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


def sqlstate(error: BaseException | None) -> str:
    """Give the SQLSTATE of an error, of the driver or wrapped by SQLAlchemy; else nothing."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    return getattr(origin, "sqlstate", None) or ""


def classify(error: Exception) -> Failure | None:
    """Tell whether the database is away or busy; neither, if it is well and the request isn't."""
    if isinstance(error, PoolTimeoutError):
        return "busy"
    state = sqlstate(error)
    if state.startswith(BUSY):
        return "busy"
    # A statement without an answer in time is a TimeoutError, and so an OSError. What became of it,
    # a COMMIT perhaps, nobody knows.
    lost = isinstance(error, OSError | InterfaceError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
    return "away" if lost or state.startswith(AWAY) else None
