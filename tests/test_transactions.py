"""A transaction that others got in the way of is run again, whole, and not for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from factories import AccountFactory
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from test_trips import relayed

from fastapi_single_process.config import Settings
from fastapi_single_process.db.failures import DatabaseError
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
    [
        ("serialization_failure", ATTEMPTS),
        ("deadlock_detected", ATTEMPTS),
        ("read_only_sql_transaction", 2),
        ("admin_shutdown", 1),
        ("lock_not_available", 1),
        ("unique_violation", 1),
    ],
)
async def test_only_what_may_go_well_is_tried_again_and_that_not_for_ever(
    sessions: Sessions, condition: str, tries: int
) -> None:
    seen: list[AsyncSession] = []

    async def work(session: AsyncSession) -> None:
        seen.append(session)
        await session.execute(text(f"DO $$ BEGIN RAISE {condition}; END $$"))

    with pytest.raises((DatabaseError, IntegrityError)):
        await transact(sessions, work)

    assert len(set(map(id, seen))) == len(seen) == tries


async def test_a_migration_under_a_transaction_is_not_seen(
    settings: Settings, sessions: Sessions
) -> None:
    read, other = text("SELECT name FROM again"), text("SELECT 1")
    change = text("ALTER TABLE again ALTER COLUMN name TYPE varchar(20)")
    tries = 0

    async def work(session: AsyncSession) -> object:
        nonlocal tries
        tries += 1
        await session.execute(other)
        if tries == 1:
            async with open_engine(settings) as engine, engine.begin() as beside:
                await beside.execute(change)
        return await session.scalar(read)

    async with sessions.begin() as session:
        await session.execute(text("CREATE TABLE again AS SELECT CAST('x' AS varchar(10)) AS name"))
    try:
        async with sessions.begin() as session:
            await session.scalar(read)

        assert await transact(sessions, work) == "x"
        assert tries == 2
    finally:
        async with sessions.begin() as session:
            await session.execute(text("DROP TABLE again"))


async def test_a_line_that_broke_unseen_is_not_seen(settings: Settings) -> None:
    async with relayed(settings) as (relay, behind), open_engine(behind) as engine:
        sessions = create_sessions(engine)

        async def work(session: AsyncSession) -> object:
            return await session.scalar(text("SELECT 1"))

        assert await transact(sessions, work) == 1
        relay.breaks = True

        assert await transact(sessions, work) == 1
