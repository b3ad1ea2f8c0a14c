"""One migrator at a time.

Source: https://www.postgresql.org/docs/18/explicit-locking.html#ADVISORY-LOCKS
"""

import asyncio
import logging

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["take_migration_lock"]

KEY = int.from_bytes(b"migrate")  # the same in every version of the service
PAUSE = 0.2  # seconds

logger = logging.getLogger(__name__)


async def take_migration_lock(connection: AsyncConnection) -> None:
    """Wait until no other connection to the database has the lock; the connection's end frees it.

    It asks again and again. To wait inside a statement would hold a snapshot, and the other
    migrator's CREATE INDEX CONCURRENTLY waits for every snapshot: a deadlock.
    """
    level = logging.WARNING
    while not await connection.scalar(select(func.pg_try_advisory_lock(KEY))):
        await connection.rollback()
        logger.log(level, "another migrator is at work on this database; waiting for it")
        level = logging.DEBUG
        await asyncio.sleep(PAUSE)
    await connection.commit()
