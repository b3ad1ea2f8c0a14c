import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import psutil
import pytest
from fastapi import Response
from httpx2 import AsyncClient
from httpx2 import Response as HTTPResponse
from sqlalchemy import text
from sqlalchemy.engine import URL
from support.postgres import data_folder, execute, migrate
from support.running import running

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.api.v1.health import read_health
from fastapi_single_process.config import Settings
from fastapi_single_process.db.embedded import embedded_database
from fastapi_single_process.db.session import open_engine
from fastapi_single_process.main import create_app

HEALTH = "/api/v1/health"
NOWHERE = "postgresql+asyncpg://app:hunter2@127.0.0.1:1/app"


def assert_unhealthy(answer: HTTPResponse, database: str) -> None:
    assert answer.status_code == 503
    assert answer.json()["status"] == "unhealthy"
    assert answer.json()["database"] == database


def assert_disconnected(answer: HTTPResponse) -> None:
    assert_unhealthy(answer, "disconnected")


async def become_healthy(client: AsyncClient) -> None:
    """Ask until the database can be read: the check's own limit may be too short for a slow day."""
    async with asyncio.timeout(30):
        while (await client.get(HEALTH)).status_code != 200:
            pass


async def test_health_is_told_with_its_time_in_utc(client: AsyncClient) -> None:
    before = datetime.now(UTC)

    answer = await client.get(HEALTH)

    assert answer.status_code == 200
    assert answer.json().keys() == {"status", "database", "last_check"}
    assert answer.json()["status"] == "healthy"
    assert answer.json()["database"] == "connected"
    assert before <= datetime.fromisoformat(answer.json()["last_check"]) <= datetime.now(UTC)


async def test_a_service_starts_without_its_database_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = Settings.model_validate({"database_url": NOWHERE})

    async with running(create_app(settings)) as client:
        assert_disconnected(await client.get(HEALTH))
        assert (await client.get("/api/v1/live")).status_code == 200

    assert "the database can't be read: ConnectionRefusedError" in caplog.text
    assert "hunter2" not in caplog.text


async def test_a_database_without_the_schema_is_not_healthy(new_database_url: URL) -> None:
    async with running(create_app(Settings(database_url=new_database_url))) as client:
        assert_disconnected(await client.get(HEALTH))


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """Give the folder of a stopped PostgreSQL with the schema in it."""
    with data_folder() as data:
        with embedded_database(data) as url:
            migrate(url)
        yield data


async def test_a_database_that_goes_down_and_comes_back_is_seen(data: Path) -> None:
    with embedded_database(data) as url:
        settings = Settings(database_url=url)

    async with running(create_app(settings)) as client:
        with embedded_database(data):
            assert (await client.get(HEALTH)).status_code == 200
        assert_disconnected(await client.get(HEALTH))
        with embedded_database(data):
            assert (await client.get(HEALTH)).status_code == 200


@asynccontextmanager
async def locked(settings: Settings) -> AsyncIterator[None]:
    """Hold the strongest lock on the table that the health check reads."""
    async with open_engine(settings) as engine, engine.begin() as connection:
        await connection.execute(text("LOCK TABLE health_checks IN ACCESS EXCLUSIVE MODE"))
        yield


@pytest.mark.commits
async def test_a_locked_table_is_not_waited_for(settings: Settings) -> None:
    async with running(create_app(settings)) as client:
        await become_healthy(client)
        async with locked(settings):
            # The lock is still held: an answer is proof that nobody waited for it.
            assert_unhealthy(await client.get(HEALTH), "busy")

        await become_healthy(client)


async def test_a_pool_that_requests_have_filled_is_not_waited_for(settings: Settings) -> None:
    one = settings.model_copy(update={"database_pool_size": 1, "database_max_overflow": 0})
    app = create_app(one)

    @app.get("/while-busy")
    async def ask(state: StateDep) -> str:
        async with state["sessions"].begin() as session:
            await session.execute(text("SELECT 1"))
            return (await read_health(state, Response())).database

    async with running(app) as client:
        assert (await client.get("/while-busy")).json() == "connected"


@pytest.mark.commits
async def test_a_server_that_takes_no_writes_is_told_until_another_one_is_there(
    settings: Settings, database_url: URL
) -> None:
    write = "SET default_transaction_read_only = off"
    change = f"ALTER DATABASE {database_url.database} SET default_transaction_read_only ="

    await execute(database_url, f"{change} on")
    async with running(create_app(settings)) as client:
        assert_unhealthy(await client.get(HEALTH), "read-only")

        await execute(database_url, write, f"{change} off")
        assert (await client.get(HEALTH)).json()["database"] == "connected"


@contextmanager
def frozen(data: Path) -> Iterator[None]:
    """Stop every process of a PostgreSQL where it stands: it is there and answers nothing."""
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # the server ends those whose client has left
            process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@pytest.mark.parametrize("connected_before", [True, False])
async def test_a_database_that_answers_nothing_is_not_waited_for(
    data: Path, connected_before: bool
) -> None:
    with embedded_database(data) as url:
        settings = Settings(database_url=url, health_timeout=0.2)
        async with running(create_app(settings)) as client:
            if connected_before:
                await become_healthy(client)

            with frozen(data):
                assert_disconnected(await client.get(HEALTH))

            await become_healthy(client)


async def test_the_end_does_not_wait_for_a_database_that_answers_nothing(data: Path) -> None:
    with embedded_database(data) as url:
        ending = open_engine(Settings(database_url=url))
        engine = await ending.__aenter__()
        async with engine.connect() as one, engine.connect() as other:
            for connection in (one, other):
                await connection.execute(text("SELECT 1"))

        with frozen(data):
            began = monotonic()
            await ending.__aexit__(None, None, None)
            # One statement alone may take 30 s.
            assert monotonic() - began < 20
