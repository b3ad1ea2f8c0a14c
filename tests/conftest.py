import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from container_engine import ROOT, engine_answers
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.config import Settings, get_settings
from fastapi_single_process.db.embedded import embedded_database
from fastapi_single_process.main import create_app


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the start from nothing be tried more than once."""
    parser.addoption("--compose-rounds", type=int, default=1, help="starts of docker compose")


@pytest.fixture
def compose_rounds(pytestconfig: pytest.Config) -> int:
    """How many times docker compose starts from nothing."""
    rounds: int = pytestconfig.getoption("--compose-rounds")
    return rounds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a container engine where there is none, and say so."""
    marked = [item for item in items if item.get_closest_marker("docker")]
    if marked and not engine_answers():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no container engine answers `docker info`"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep a developer's own variables and .env file out of every test."""
    for name in [name for name in os.environ if name.startswith("APP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """Give a PostgreSQL that lives as long as the test run."""
    # Not below tmp_path: pytest makes that private at every start, and run by root, PostgreSQL is
    # another user, who would lose the data of a run under way.
    with (
        TemporaryDirectory(prefix="postgres-") as folder,
        embedded_database(Path(folder) / "data") as url,
    ):
        yield url


@pytest.fixture
def new_database_url(server_url: URL) -> str:
    """Give an empty database."""
    name = f"test_{uuid4().hex}"
    asyncio.run(execute(server_url, f"CREATE DATABASE {name}"))
    return server_url.set(database=name).render_as_string(hide_password=False)


async def execute(url: URL, statement: str) -> None:
    """Run a statement outside a transaction."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, new_database_url: str) -> Settings:
    """Give settings for a database of the test's own, migrated."""
    monkeypatch.setenv("APP_DATABASE_URL", new_database_url)
    command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "head")
    return get_settings()


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """Talk to the application as a client does, started and stopped around the test."""
    with TestClient(create_app(settings)) as client:
        yield client
