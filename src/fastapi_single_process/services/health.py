"""Whether the service can do its work."""

import asyncio
import logging
from datetime import UTC, datetime

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from fastapi_single_process.db.models import HealthCheck
from fastapi_single_process.db.session import Sessions
from fastapi_single_process.schemas.health import Health

__all__ = ["check_health"]

logger = logging.getLogger(__name__)

ROW = select(HealthCheck.id).limit(1)


async def check_health(sessions: Sessions, *, seconds: float) -> Health:
    """Tell whether the database can be read, within a limit of time.

    It opens a session of its own: the limit covers the wait for a connection as well, and a
    database that is down is an answer here, not an error. It only reads.
    """
    reading = asyncio.create_task(_read_row(sessions))
    # Not asyncio.timeout(): it would wait until the cancelled statement is tidied up, and with a
    # server that answers nothing that alone takes seconds.
    done, _ = await asyncio.wait({reading}, timeout=seconds)
    if not done:
        logger.warning("the database can't be read within %g s", seconds)
        reading.cancel()
    connected = bool(done) and reading.result()
    return Health(
        status="healthy" if connected else "unhealthy",
        database="connected" if connected else "disconnected",
        last_check=datetime.now(UTC),
    )


async def _read_row(sessions: Sessions) -> bool:
    try:
        async with sessions() as session:
            return await session.scalar(ROW) is not None
    # asyncpg's own errors come through while a connection is being made.
    except (SQLAlchemyError, PostgresError, InterfaceError, OSError) as error:
        logger.warning("the database can't be read: %s", type(error).__name__)
        return False
