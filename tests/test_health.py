import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from alembic import command
from alembic.config import Config
from container_engine import ROOT
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.config import Settings, get_settings
from fastapi_single_process.db.embedded import embedded_database
from fastapi_single_process.main import create_app

NOWHERE = "postgresql+asyncpg://app:hunter2@127.0.0.1:1/app"


def assert_disconnected(answer: Response) -> None:
    assert answer.status_code == 503
    assert answer.json()["status"] == "unhealthy"
    assert answer.json()["database"] == "disconnected"


def test_health_is_told_with_its_time_in_utc(client: TestClient) -> None:
    before = datetime.now(UTC)

    answer = client.get("/api/v1/health")

    assert answer.status_code == 200
    assert answer.json().keys() == {"status", "database", "last_check"}
    assert answer.json()["status"] == "healthy"
    assert answer.json()["database"] == "connected"
    assert before <= datetime.fromisoformat(answer.json()["last_check"]) <= datetime.now(UTC)


def test_a_service_starts_without_its_database_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = Settings.model_validate({"database_url": NOWHERE})

    with TestClient(create_app(settings)) as client:
        assert_disconnected(client.get("/api/v1/health"))
        assert client.get("/api/v1/live").status_code == 200

    assert "the database can't be read: ConnectionRefusedError" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_database_without_the_schema_is_not_healthy(new_database_url: str) -> None:
    settings = Settings.model_validate({"database_url": new_database_url})

    with TestClient(create_app(settings)) as client:
        assert_disconnected(client.get("/api/v1/health"))


def test_a_database_that_goes_down_and_comes_back_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Path("postgres").absolute()
    with embedded_database(data) as url:
        monkeypatch.setenv("APP_DATABASE_URL", url.render_as_string(hide_password=False))
        command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "head")

    with TestClient(create_app(get_settings())) as client:
        with embedded_database(data):
            assert client.get("/api/v1/health").status_code == 200
        assert_disconnected(client.get("/api/v1/health"))
        with embedded_database(data):
            assert client.get("/api/v1/health").status_code == 200


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Hold the strongest lock on the table that the health check reads."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE health_checks IN ACCESS EXCLUSIVE MODE"))
        yield
    await engine.dispose()


@pytest.mark.anyio
async def test_a_locked_table_is_not_waited_for(settings: Settings, new_database_url: str) -> None:
    patient = settings.model_copy(update={"health_timeout": 0.2})
    with TestClient(create_app(patient)) as client:
        async with locked(new_database_url):
            answer = await asyncio.to_thread(client.get, "/api/v1/health")
            # The lock is still held: an answer is proof that nobody waited for it.
            assert_disconnected(answer)

        assert client.get("/api/v1/health").status_code == 200


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
def test_a_database_that_answers_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, connected_before: bool
) -> None:
    data = Path("postgres").absolute()
    with embedded_database(data) as url:
        monkeypatch.setenv("APP_DATABASE_URL", url.render_as_string(hide_password=False))
        monkeypatch.setenv("APP_HEALTH_TIMEOUT", "0.2")
        command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "head")
        with TestClient(create_app(get_settings())) as client:
            if connected_before:
                assert client.get("/api/v1/health").status_code == 200

            with frozen(data):
                assert_disconnected(client.get("/api/v1/health"))

            assert client.get("/api/v1/health").status_code == 200
