"""Who waits for whom, in the database."""

import asyncio

from sqlalchemy import text

from fastapi_single_process.db.session import AsyncSession

__all__ = ["until_somebody_waits"]

WAITING = text("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")


async def until_somebody_waits(session: AsyncSession) -> None:
    """Return when another transaction waits for what the session's has locked."""
    async with asyncio.timeout(30):
        while not await session.scalar(WAITING):
            pass
