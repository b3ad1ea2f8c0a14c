"""What fails in the database is told apart where it fails, and costs what it must."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Integer, bindparam, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from fastapi_single_process.config import Settings
from fastapi_single_process.db.failures import (
    DatabaseBusyError,
    DatabaseError,
    DatabaseUnavailableError,
)
from fastapi_single_process.db.session import (
    Sessions,
    create_sessions,
    open_engine,
)

TABLE = "failing_things"
PID = text("SELECT pg_backend_pid()")


@asynccontextmanager
async def opened(settings: Settings, **changes: object) -> AsyncIterator[Sessions]:
    """Give sessions of a small pool, and a table that is gone afterwards."""
    small = {"database_pool_size": 2, "database_max_overflow": 0, **changes}
    async with open_engine(settings.model_copy(update=small)) as engine:
        yield create_sessions(engine)


@asynccontextmanager
async def table(sessions: Sessions) -> AsyncIterator[None]:
    async with sessions.begin() as session:
        await session.execute(text(f"CREATE TABLE {TABLE} (id int NOT NULL, name varchar(9))"))
    try:
        yield
    finally:
        async with sessions.begin() as session:
            await session.execute(text(f"DROP TABLE {TABLE}"))


async def run(sessions: Sessions, statement: str) -> None:
    async with sessions.begin() as session:
        await session.execute(text(statement))


async def read(sessions: Sessions, statement: str) -> object:
    async with sessions.begin() as session:
        return await session.scalar(text(statement))


async def read_missing_file(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(PID)
        Path("missing").read_text()  # noqa: ASYNC240


async def run_out_of_time(sessions: Sessions) -> None:
    async with asyncio.timeout(0.01), sessions.begin() as session:
        await session.execute(text("SELECT pg_sleep(60)"))


def check(work: Callable[[], Awaitable[None]]) -> None:
    """Run a test's coroutine."""

    async def limited() -> None:
        async with asyncio.timeout(60):
            await work()

    asyncio.run(limited())


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("connection_failure", DatabaseUnavailableError),
        ("invalid_password", DatabaseUnavailableError),
        ("invalid_catalog_name", DatabaseUnavailableError),
        ("disk_full", DatabaseUnavailableError),
        ("io_error", DatabaseUnavailableError),
        ("admin_shutdown", DatabaseUnavailableError),
        ("cannot_connect_now", DatabaseUnavailableError),
        ("read_only_sql_transaction", DatabaseUnavailableError),
        ("too_many_connections", DatabaseBusyError),
        ("lock_not_available", DatabaseBusyError),
        ("deadlock_detected", DatabaseBusyError),
        ("serialization_failure", DatabaseBusyError),
        ("query_canceled", DatabaseBusyError),
    ],
)
def test_what_is_not_the_requests_fault_is_told_by_its_class(
    settings: Settings, condition: str, kind: type[DatabaseError]
) -> None:
    async def work() -> None:
        async with opened(settings) as sessions:
            with pytest.raises(kind, match=r"^\w{5}: ") as caught:
                await run(sessions, f"DO $$ BEGIN RAISE {condition} USING DETAIL = 'x'; END $$")
            assert "\n" not in str(caught.value)

    check(work)


@pytest.mark.parametrize("condition", ["undefined_table", "syntax_error", "check_violation"])
def test_what_is_a_defect_stays_what_it_is(settings: Settings, condition: str) -> None:
    async def work() -> None:
        async with opened(settings) as sessions:
            with pytest.raises(DBAPIError):
                await run(sessions, f"DO $$ BEGIN RAISE {condition}; END $$")

    check(work)


def test_a_missing_file_and_a_limit_of_our_own_are_not_the_databases(settings: Settings) -> None:
    async def work() -> None:
        async with opened(settings) as sessions:
            with pytest.raises(FileNotFoundError):
                await read_missing_file(sessions)
            with pytest.raises(TimeoutError):
                await run_out_of_time(sessions)

    check(work)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"host": "127.0.0.1", "port": 1, "query": {}}, "Connect call failed"),
        ({"database": "nowhere"}, "3D000: database"),
        ({"username": "nobody"}, "28"),
    ],
)
def test_whatever_is_raised_while_connecting_is_unavailable_and_says_why(
    settings: Settings, change: dict[str, object], reason: str
) -> None:
    url = settings.database_url
    assert url

    async def work() -> None:
        nowhere = url.set(**change)  # type: ignore[arg-type]
        async with opened(settings, database_url=nowhere) as sessions:
            with pytest.raises(DatabaseUnavailableError, match=reason):
                await run(sessions, "SELECT 1")

    check(work)


def test_a_pool_without_a_free_connection_is_busy(settings: Settings) -> None:
    async def work() -> None:
        changes = {"database_pool_size": 1, "database_pool_timeout": 0.01}
        async with opened(settings, **changes) as sessions, sessions.begin() as session:
            await session.execute(PID)
            with pytest.raises(DatabaseBusyError, match="no connection of the pool became free"):
                await run(sessions, "SELECT 1")

    check(work)


def test_no_value_of_a_row_or_a_parameter_comes_out_with_an_error(settings: Settings) -> None:
    async def work() -> None:
        async with opened(settings) as sessions, table(sessions):
            insert = f"INSERT INTO {TABLE} VALUES (:id, :name)"
            number = bindparam("id", type_=Integer)
            for statement, values in (
                (text(insert), {"id": None, "name": "canary"}),  # a constraint
                (text(insert), {"id": 1, "name": "canary canary"}),  # too long for the column
                (text("SELECT CAST(:id AS int)"), {"id": "canary"}),  # refused by the server
                (text("SELECT :id").bindparams(number), {"id": "canary"}),  # refused by asyncpg
            ):
                with pytest.raises(DBAPIError) as caught:
                    async with sessions.begin() as session:
                        await session.execute(statement, values)
                assert "canary" not in "".join(traceback.format_exception(caught.value))

    check(work)


def test_a_constraint_can_still_be_told(settings: Settings) -> None:
    async def work() -> None:
        async with opened(settings) as sessions, table(sessions):
            with pytest.raises(IntegrityError, match='null value in column "id"'):
                await run(sessions, f"INSERT INTO {TABLE} VALUES (NULL)")

    check(work)


async def fill_pool(sessions: Sessions) -> set[object]:
    """Open every connection of the pool, and give their processes."""
    async with sessions.begin() as one, sessions.begin() as other:
        return {await one.scalar(PID), await other.scalar(PID)}


def test_a_connection_that_the_server_has_closed_is_replaced_before_use(settings: Settings) -> None:
    async def work() -> None:
        async with opened(settings) as sessions, opened(settings) as others:
            old = await fill_pool(sessions)
            ends = ", ".join(f"pg_terminate_backend({pid})" for pid in old)
            await run(others, f"SELECT {ends}")
            while await read(others, f"SELECT 1 FROM pg_stat_activity WHERE pid IN {(*old,)}"):
                pass

            assert await read(sessions, PID.text) not in old

    check(work)


async def sleep(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(text("SELECT pg_sleep(60)"))


def test_a_statement_without_an_answer_costs_its_connection_alone(settings: Settings) -> None:
    async def work() -> None:
        async with opened(settings, database_command_timeout=0.1) as sessions:
            old = await fill_pool(sessions)

            # The server's own limit is out of the way: the driver's is left.
            with pytest.raises(DatabaseUnavailableError, match=r"^TimeoutError: no answer in time"):
                await sleep(sessions)

            assert len(old & await fill_pool(sessions)) == 1

    check(work)


def test_a_server_that_does_not_write_costs_the_connection_and_its_siblings(
    settings: Settings,
) -> None:
    async def work() -> None:
        async with opened(settings) as sessions, opened(settings) as others, table(others):
            old = await fill_pool(sessions)
            async with sessions() as one, sessions() as other:
                for session in (one, other):
                    # For the session, as it is on a primary that has become a standby.
                    await session.execute(text("SET default_transaction_read_only = on"))
                    await session.commit()

            with pytest.raises(DatabaseUnavailableError, match=r"^25006: cannot execute INSERT"):
                await run(sessions, f"INSERT INTO {TABLE} VALUES (1)")

            await run(sessions, f"INSERT INTO {TABLE} VALUES (1)")
            assert not old & await fill_pool(sessions)

    check(work)


def test_a_migration_under_a_prepared_statement_is_not_seen(settings: Settings) -> None:
    async def work() -> None:
        async with opened(settings) as sessions, opened(settings) as others, table(others):
            statement = f"SELECT name FROM {TABLE}"
            insert = f"INSERT INTO {TABLE} VALUES (1, 'x') RETURNING name"
            await run(sessions, insert)
            await run(sessions, statement)

            for length, wanted in ((20, statement), (30, insert)):
                await run(others, f"ALTER TABLE {TABLE} ALTER COLUMN name TYPE varchar({length})")
                assert await read(sessions, wanted) == "x"

            # Inside a transaction it can't be run again there: others have to.
            async with sessions() as session:
                await session.execute(PID)
                await run(others, f"ALTER TABLE {TABLE} ALTER COLUMN name TYPE varchar(40)")
                with pytest.raises(DatabaseBusyError) as caught:
                    await session.execute(text(statement))
            assert caught.value.repeatable

    check(work)
