"""The keys of requests are forgotten after their time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, func, select, text
from support.running import running

from fastapi_single_process.config import Settings
from fastapi_single_process.db.models import IdempotencyKey
from fastapi_single_process.db.session import AsyncSession, Sessions, create_sessions, open_engine
from fastapi_single_process.main import create_app
from fastapi_single_process.services import idempotency
from fastapi_single_process.services.idempotency import purge_expired_keys

pytestmark = pytest.mark.commits

DAY = timedelta(days=1)


async def add_keys(session: AsyncSession, *ages: float) -> None:
    """Add keys that are so many days old."""
    now = datetime.now(UTC)
    for number, age in enumerate(ages):
        created = now - age * DAY
        key = IdempotencyKey(
            operation="create_transfer", key=f"{number}", fingerprint=b"", created_at=created
        )
        session.add(key)
    await session.commit()


async def count_keys(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(IdempotencyKey)) or 0


@pytest.fixture
async def sessions(settings: Settings) -> AsyncIterator[Sessions]:
    async with open_engine(settings) as engine:
        yield create_sessions(engine)


async def test_old_keys_are_deleted_in_batches_and_young_ones_stay(
    session: AsyncSession, sessions: Sessions
) -> None:
    await add_keys(session, 0, 0.9, 1.1, 2, 3, 4, 5)

    deleted = await purge_expired_keys(sessions, older_than=DAY, batch=2)

    assert deleted == 5
    assert await count_keys(session) == 2


async def test_what_another_process_is_deleting_is_left_to_it(
    session: AsyncSession, sessions: Sessions
) -> None:
    await add_keys(session, 2, 3)
    await session.scalars(select(IdempotencyKey).where(IdempotencyKey.key == "0").with_for_update())

    assert await purge_expired_keys(sessions, older_than=DAY) == 1


async def until_they_are_deleted(session: AsyncSession) -> None:
    async with asyncio.timeout(30):
        while await count_keys(session):
            await session.rollback()


async def test_a_service_deletes_old_keys_while_it_runs(
    settings: Settings, session: AsyncSession
) -> None:
    hasty = settings.model_copy(update={"idempotency_key_lifetime": 0.1})

    async with running(create_app(hasty)):
        for _ in range(2):
            await add_keys(session, 1, 2)
            await until_they_are_deleted(session)


async def test_a_service_does_not_wait_an_hour_for_the_first_time(
    settings: Settings, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "FIRST_PURGE_DELAY", 0.01)
    await add_keys(session, 1.1)

    async with running(create_app(settings)):
        await until_they_are_deleted(session)


async def test_a_failure_does_not_end_it(
    settings: Settings, session: AsyncSession, caplog: pytest.LogCaptureFixture
) -> None:
    quick = {"idempotency_key_lifetime": 0.1, "database_lock_timeout": 0.1}
    await add_keys(session, 1)
    await session.execute(text("LOCK TABLE idempotency_keys IN ACCESS EXCLUSIVE MODE"))

    async with running(create_app(settings.model_copy(update=quick))):
        async with asyncio.timeout(30):
            while "idempotency keys can't be deleted" not in caplog.text:
                await session.execute(text("SELECT 1"))
        await session.rollback()
        await until_they_are_deleted(session)


async def test_a_failure_that_nobody_has_thought_of_does_not_end_it_and_is_told(
    settings: Settings, session: AsyncSession, caplog: pytest.LogCaptureFixture
) -> None:
    failures = [KeyError("unheard of")]

    @event.listens_for(Engine, "before_cursor_execute")
    def fail_once(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if failures and statement.startswith("DELETE FROM idempotency_keys"):
            raise failures.pop()

    try:
        hasty = settings.model_copy(update={"idempotency_key_lifetime": 0.1})
        await add_keys(session, 1)
        async with running(create_app(hasty)):
            await until_they_are_deleted(session)
    finally:
        event.remove(Engine, "before_cursor_execute", fail_once)

    assert not failures
    assert "KeyError: 'unheard of'" in caplog.text
