"""Whether the service can do its work."""

import asyncio
import logging
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from fastapi_single_process.db.failures import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    describe,
)
from fastapi_single_process.db.models import HealthCheck
from fastapi_single_process.db.session import Sessions

__all__ = ["DatabaseState", "check_health"]

type DatabaseState = Literal["connected", "busy", "read-only", "disconnected"]

logger = logging.getLogger(__name__)

# A standby can be read, and says that its transactions are read-only.
READ_ONLY = select(func.current_setting("transaction_read_only")).where(
    select(HealthCheck.id).limit(1).exists()
)

STATES: dict[str, DatabaseState] = {"off": "connected", "on": "read-only"}


async def check_health(sessions: Sessions, *, seconds: float) -> DatabaseState:
    """Tell whether the database can be read and takes writes, within a limit of time.

    It opens a session of its own: the limit covers the wait for a connection as well, and a
    database that is down is an answer here, not an error. It only reads.
    """
    asking = asyncio.create_task(_ask(sessions))
    # Not asyncio.timeout(): it would wait until the cancelled statement is tidied up, and with a
    # server that answers nothing that alone takes seconds.
    done, _ = await asyncio.wait({asking}, timeout=seconds)
    if not done:
        logger.warning("the database has not answered within %g s", seconds)
        asking.cancel()
    return asking.result() if done else "disconnected"


async def _ask(sessions: Sessions) -> DatabaseState:
    try:
        async with sessions() as session:
            read_only = await session.scalar(READ_ONLY)
            if read_only == "on":
                # The next check connects anew: the address may lead to another server by then.
                await session.invalidate()
    except DatabaseBusyError as error:
        logger.warning("the database is busy: %s", error)
        return "busy"
    except (DatabaseUnavailableError, SQLAlchemyError) as error:
        logger.warning("the database can't be read: %s", describe(error))
        return "disconnected"
    return STATES.get(read_only or "", "disconnected")
