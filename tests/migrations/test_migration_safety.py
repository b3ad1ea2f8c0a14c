"""What a migration must not do to the service that runs beside it, or to another migrator."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import Script
from alembic.util import CommandError
from sqlalchemy import NullPool, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from support.migrations import lint, read_schema, write_migration

from fastapi_single_process.db import migration_lock
from fastapi_single_process.db.migration_lock import take_migration_lock

# A request that has read and is not done yet. After 5 s the server ends it: nothing here hangs.
READ = (
    "CREATE TABLE things ()",
    "SET idle_in_transaction_session_timeout = '5s'",
    "BEGIN",
    "SELECT FROM things",
)


@pytest.fixture
async def beside(new_database_url: URL) -> AsyncIterator[AsyncConnection]:
    """Give a connection beside that of the migrations."""
    engine = create_async_engine(new_database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.mark.parametrize(
    ("slow", "limit"),
    [
        ("ALTER TABLE things ADD COLUMN name text", "lock_timeout"),
        ("SELECT pg_sleep(5)", "statement_timeout"),
    ],
)
async def test_a_new_migration_gives_up_in_time(
    alembic: Config, beside: AsyncConnection, tmp_path: Path, slow: str, limit: str
) -> None:
    shorten(write_migration(alembic, tmp_path, slow), limit)
    for statement in READ:
        await beside.execute(text(statement))

    line = (
        rf"is busy: \w{{5}}: canceling statement due to {limit.replace('_', ' ')}; .* run it again"
    )
    with pytest.raises(CommandError, match=line):
        await asyncio.to_thread(command.upgrade, alembic, "head")


def test_a_defect_of_a_migration_keeps_its_traceback(alembic: Config, tmp_path: Path) -> None:
    write_migration(alembic, tmp_path, "SELECT nothing")

    with pytest.raises(ProgrammingError, match='column "nothing" does not exist'):
        command.upgrade(alembic, "head")


def shorten(script: Script, limit: str) -> None:
    """Let a migration's limit be one that a test can wait for."""
    file = Path(script.path)
    file.write_text(re.sub(rf"{limit} = '\d+s'", f"{limit} = '50ms'", file.read_text()))


def test_squawk_has_nothing_against_the_template(alembic: Config, tmp_path: Path) -> None:
    new = write_migration(alembic, tmp_path, "ALTER TABLE things ADD COLUMN name text")

    assert lint(new) == ""


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("CREATE INDEX ix_things_name ON things (name)", "require-concurrent-index-creation"),
        ("ALTER TABLE things ADD CHECK (name <> '')", "constraint-missing-not-valid"),
    ],
)
def test_squawk_names_the_rule_that_a_migration_breaks(
    alembic: Config, tmp_path: Path, statement: str, rule: str
) -> None:
    new = write_migration(alembic, tmp_path, statement)

    assert rule in lint(new)


@pytest.fixture
def said() -> Iterator[SimpleQueue[logging.LogRecord]]:
    """Give what a migrator that waits says, as it says it."""
    said: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = QueueHandler(said)
    logger = logging.getLogger("fastapi_single_process.db.migration_lock")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield said
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(handler)


@pytest.fixture
async def holder(new_database_url: URL) -> AsyncIterator[AsyncConnection]:
    """Give the connection of a migrator that is at work."""
    engine = create_async_engine(new_database_url, poolclass=NullPool)
    async with engine.connect() as connection:
        await take_migration_lock(connection)
        yield connection
    await engine.dispose()


async def test_two_migrators_do_not_meet(
    alembic: Config,
    new_database_url: URL,
    beside: AsyncConnection,
    holder: AsyncConnection,
    said: SimpleQueue[logging.LogRecord],
) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.to_thread(command.upgrade, alembic, "head"))
        try:
            for _ in ("asked", "asked again"):
                waits = await asyncio.to_thread(said.get, timeout=5)
                assert "another migrator is at work" in waits.getMessage()
            # The first one works on. Did the other wait in a statement, this would be a deadlock.
            await beside.execute(text("CREATE TABLE things (id int)"))
            await beside.execute(text("CREATE INDEX CONCURRENTLY ix_things_id ON things (id)"))
            assert "table health_checks" not in await read_schema(new_database_url)
        finally:
            await holder.close()

    assert "table health_checks" in await read_schema(new_database_url)


async def test_a_migrator_gives_up_and_names_the_other_one(
    alembic: Config, holder: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = await holder.scalar(text("SELECT pg_backend_pid()"))
    monkeypatch.setattr(migration_lock, "WAIT", 0)

    with pytest.raises(CommandError, match=rf"\(process {pid} of the server, for 00:\d\d:\d\d\)"):
        await asyncio.to_thread(command.upgrade, alembic, "head")


async def test_nobody_is_waited_for_if_there_is_nothing_to_do(
    alembic: Config, holder: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await holder.rollback()
    await asyncio.to_thread(command.upgrade, alembic, "head")
    await take_migration_lock(holder)
    monkeypatch.setattr(migration_lock, "WAIT", 0)

    for look in (command.check, command.current):
        await asyncio.to_thread(look, alembic)
    await asyncio.to_thread(command.upgrade, alembic, "head")


async def test_the_lock_goes_with_the_transaction_and_not_with_the_connection(
    holder: AsyncConnection,
) -> None:
    # A pooler gives the connection to the next client.
    count = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
    )
    assert await holder.scalar(count) == 1

    await holder.rollback()

    assert await holder.scalar(count) == 0
