"""No transaction waits, or lets others wait, without a limit."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from fastapi_single_process.config import Settings
from fastapi_single_process.db.session import open_engine

# A service between two statements of a transaction that holds a lock.
HOLD = """
import asyncio
from sqlalchemy import text
from fastapi_single_process.config import get_settings
from fastapi_single_process.db.session import open_engine

async def hold():
    async with open_engine(get_settings()) as engine, engine.begin() as connection:
        await connection.execute(text("LOCK TABLE limited_things"))
        print("locked", flush=True)
        await asyncio.sleep(3600)

asyncio.run(hold())
"""


@asynccontextmanager
async def table(settings: Settings) -> AsyncIterator[None]:
    async with open_engine(settings) as engine:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE limited_things ()"))
        try:
            yield
        finally:
            async with engine.begin() as connection:
                await connection.execute(text("DROP TABLE limited_things"))


def test_the_locks_of_a_service_that_is_frozen_are_let_go(settings: Settings) -> None:
    assert settings.database_url
    url = settings.database_url.render_as_string(hide_password=False)
    limits = {"APP_DATABASE_URL": url, "APP_DATABASE_IDLE_TRANSACTION_TIMEOUT": "0.5"}
    patient = settings.model_copy(update={"database_lock_timeout": 30})

    async def freeze() -> None:
        async with table(patient), open_engine(patient) as engine:
            with subprocess.Popen(  # noqa: ASYNC220 (nothing else runs in this loop)
                [sys.executable, "-c", HOLD],
                env=os.environ | limits,
                stdout=subprocess.PIPE,
            ) as service:
                assert service.stdout
                assert service.stdout.readline() == b"locked\n"
                service.send_signal(signal.SIGSTOP)
                try:
                    async with engine.begin() as connection:
                        await connection.execute(text("LOCK TABLE limited_things"))
                finally:
                    service.kill()

    asyncio.run(freeze())


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("lock_timeout", "1234ms"),
        ("statement_timeout", "2345ms"),
        ("idle_in_transaction_session_timeout", "3456ms"),
        ("client_connection_check_interval", "1s"),
    ],
)
def test_a_limit_belongs_to_the_transaction_and_not_to_the_connection(
    settings: Settings, name: str, limit: str
) -> None:
    # A pooler lends one connection to many clients: what is set for it is everybody's, or nobody's.
    limited = settings.model_copy(
        update={
            "database_lock_timeout": 1.234,
            "database_command_timeout": 2.345,
            "database_idle_transaction_timeout": 3.456,
        }
    )

    async def read() -> tuple[object, object]:
        async with open_engine(limited) as engine:
            async with engine.begin() as connection:
                inside = await connection.scalar(text(f"SHOW {name}"))
                raw = await connection.get_raw_connection()
                driver = raw.driver_connection
                assert driver is not None
            return inside, await driver.fetchval(f"SHOW {name}")

    assert asyncio.run(read()) == (limit, "0")
