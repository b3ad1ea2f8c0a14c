"""One migrator at a time.

Source: https://www.postgresql.org/docs/18/explicit-locking.html#ADVISORY-LOCKS
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

__all__ = ["MigrationLockedError", "hold_migration_lock", "take_migration_lock"]

KEY = int.from_bytes(b"migrate")  # any number, the same in every version of the service
PAUSE = 0.2  # seconds
WAIT = 60  # seconds

HOLDER = text("""
    SELECT format(
        'process %s of the server, for %s', pid,
        date_trunc('second', clock_timestamp() - xact_start)
    )
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND datname = current_database()
    AND (CAST(classid AS bigint) << 32) + CAST(objid AS bigint) = :key
""").bindparams(key=KEY)
# The transaction that has the lock does nothing else, for as long as the migrations take.
PATIENCE = text("SET LOCAL idle_in_transaction_session_timeout = 0")

logger = logging.getLogger(__name__)


class MigrationLockedError(Exception):
    """Another migrator has been at work for too long; the text names it."""


@asynccontextmanager
async def hold_migration_lock(engine: AsyncEngine) -> AsyncIterator[None]:
    """Keep other migrators away, with a connection beside the one that migrates."""
    async with engine.connect() as connection:
        await take_migration_lock(connection)
        yield


async def take_migration_lock(connection: AsyncConnection) -> None:
    """Wait until no other transaction on the database has the lock; the transaction's end frees it.

    Not the connection's end: a pooler keeps that for the next client, and the lock with it. It asks
    again and again. To wait inside a statement would hold a snapshot, and the other migrator's
    CREATE INDEX CONCURRENTLY waits for every snapshot: a deadlock. Raises MigrationLockedError
    after a minute.
    """
    level, deadline = logging.WARNING, monotonic() + WAIT
    while not await connection.scalar(select(func.pg_try_advisory_xact_lock(KEY))):
        holder = await connection.scalar(HOLDER) or "which has just ended"
        await connection.rollback()
        if monotonic() > deadline:
            raise MigrationLockedError(
                f"another migrator is at work on this database ({holder}); gave up after {WAIT} s:"
                " wait for it, or end it with pg_terminate_backend, and run this again"
            )
        message = "another migrator is at work on this database (%s); waiting for it, up to %g s"
        logger.log(level, message, holder, WAIT)
        level = logging.DEBUG
        await asyncio.sleep(PAUSE)
    await connection.execute(PATIENCE)
