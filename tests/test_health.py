import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from httpx2 import AsyncClient, Response
from postgres import data_folder, migrate
from running import running
from sqlalchemy import text
from sqlalchemy.engine import URL

from fastapi_single_process.config import Settings
from fastapi_single_process.db.embedded import embedded_database
from fastapi_single_process.db.session import open_engine
from fastapi_single_process.main import create_app

HEALTH = "/api/v1/health"
NOWHERE = "postgresql+asyncpg://app:hunter2@127.0.0.1:1/app"


def assert_disconnected(answer: Response) -> None:
    assert answer.status_code == 503
    assert answer.json()["status"] == "unhealthy"
    assert answer.json()["database"] == "disconnected"


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
    patient = settings.model_copy(update={"health_timeout": 0.2})
    async with running(create_app(patient)) as client:
        async with locked(settings):
            # The lock is still held: an answer is proof that nobody waited for it.
            assert_disconnected(await client.get(HEALTH))

        await become_healthy(client)


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
