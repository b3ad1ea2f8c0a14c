"""A transaction that others got in the way of is run again, whole, and not for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from factories import AccountFactory
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from fastapi_single_process.config import Settings
from fastapi_single_process.db.models import Account
from fastapi_single_process.db.session import (
    AsyncSession,
    Sessions,
    create_sessions,
    open_engine,
)
from fastapi_single_process.db.transactions import ATTEMPTS, transact


@pytest.fixture
async def sessions(settings: Settings) -> AsyncIterator[Sessions]:
    """Give sessions that commit."""
    async with open_engine(settings) as engine:
        yield create_sessions(engine)


@pytest.mark.commits
async def test_of_two_that_wait_for_each_other_both_are_done_in_the_end(
    session: AsyncSession, sessions: Sessions
) -> None:
    accounts = [(await AccountFactory.create_async()).id for _ in range(2)]
    both_have_one, tries = asyncio.Barrier(2), 0

    async def lock(first: int) -> None:
        async def work(session: AsyncSession) -> None:
            nonlocal tries
            tries += 1
            one, other = (
                select(Account).where(Account.id == accounts[index]).with_for_update()
                for index in (first, 1 - first)
            )
            await session.execute(one)
            if tries <= 2:
                await both_have_one.wait()
            await session.execute(other)

        await transact(sessions, work)

    await asyncio.gather(lock(0), lock(1))

    assert tries == 3


@pytest.mark.parametrize(
    ("condition", "tries"),
    [("serialization_failure", ATTEMPTS), ("deadlock_detected", ATTEMPTS), ("unique_violation", 1)],
)
async def test_only_what_may_go_well_is_tried_again_and_that_not_for_ever(
    sessions: Sessions, condition: str, tries: int
) -> None:
    seen: list[AsyncSession] = []

    async def work(session: AsyncSession) -> None:
        seen.append(session)
        await session.execute(text(f"DO $$ BEGIN RAISE {condition}; END $$"))

    with pytest.raises(DBAPIError):
        await transact(sessions, work)

    assert len(set(map(id, seen))) == len(seen) == tries
