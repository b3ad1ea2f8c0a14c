"""A transaction that others got in the way of is run again, whole, and not for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import String, column, select, table, text
from sqlalchemy.exc import IntegrityError
from support.factories import AccountFactory
from support.relay import relayed

from fastapi_single_process.config import Settings
from fastapi_single_process.db.failures import DatabaseError
from fastapi_single_process.db.models import Account
from fastapi_single_process.db.session import (
    AsyncSession,
    ReadSession,
    ReadSessions,
    Sessions,
    create_read_sessions,
    create_sessions,
    open_engine,
)
from fastapi_single_process.db.transactions import MAX_ATTEMPTS, run_read, run_transaction


@pytest.fixture
async def sessions(settings: Settings) -> AsyncIterator[Sessions]:
    """Give sessions that commit."""
    async with open_engine(settings) as engine:
        yield create_sessions(engine)


@pytest.fixture
async def read_sessions(settings: Settings) -> AsyncIterator[ReadSessions]:
    """Give sessions that only read."""
    async with open_engine(settings) as engine:
        yield create_read_sessions(engine)


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

        await run_transaction(sessions, work)

    await asyncio.gather(lock(0), lock(1))

    assert tries == 3


@pytest.mark.parametrize(
    ("condition", "tries"),
    [
        ("serialization_failure", MAX_ATTEMPTS),
        ("deadlock_detected", MAX_ATTEMPTS),
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
        await run_transaction(sessions, work)

    assert len(set(map(id, seen))) == len(seen) == tries


@pytest.mark.parametrize("only_reads", [False, True], ids=["a transaction", "a read"])
async def test_a_migration_under_it_is_not_seen(
    settings: Settings, sessions: Sessions, read_sessions: ReadSessions, only_reads: bool
) -> None:
    read = select(column("name", String)).select_from(table("again"))
    change = text("ALTER TABLE again ALTER COLUMN name TYPE varchar(20)")
    tries = 0

    async def work(session: ReadSession, migrates: bool) -> object:
        nonlocal tries
        tries += 1
        await session.scalar(select(1))
        if migrates and tries == 1:
            async with open_engine(settings) as engine, engine.begin() as beside:
                await beside.execute(change)
        return await session.scalar(read)

    async def run(migrates: bool) -> object:
        if only_reads:
            return await run_read(read_sessions, work, migrates)
        return await run_transaction(sessions, work, migrates)

    async with sessions.begin() as session:
        await session.execute(text("CREATE TABLE again AS SELECT CAST('x' AS varchar(10)) AS name"))
    try:
        await run(migrates=False)
        tries = 0

        assert await run(migrates=True) == "x"
        assert tries == 2
    finally:
        async with sessions.begin() as session:
            await session.execute(text("DROP TABLE again"))


async def test_a_line_that_broke_unseen_is_not_seen(settings: Settings) -> None:
    async with relayed(settings) as (relay, behind), open_engine(behind) as engine:
        sessions = create_sessions(engine)

        async def work(session: AsyncSession) -> object:
            return await session.scalar(text("SELECT 1"))

        assert await run_transaction(sessions, work) == 1
        relay.breaks = True

        assert await run_transaction(sessions, work) == 1
