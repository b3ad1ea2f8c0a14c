import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from alembic.config import Config
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection
from support.container_engine import engine_answers
from support.factories import Factory
from support.migrations import configuration
from support.postgres import (
    as_service,
    data_folder,
    database,
    in_environment,
    migrate,
    show,
    temporary_role,
)
from support.running import running

from fastapi_single_process.config import Settings
from fastapi_single_process.db.embedded import embedded_database
from fastapi_single_process.db.session import AsyncSession, create_sessions, open_engine
from fastapi_single_process.main import create_app
from fastapi_single_process.services.audit import find_discrepancies

# Hypothesis asks the same in every run, so that a failure comes again, and takes its time on a busy
# machine. With --hypothesis-profile=search it looks for what nobody has found yet.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", deadline=None, max_examples=10_000)
hypothesis.settings.load_profile("same")

SERVER = os.environ.get("APP_TEST_DATABASE_URL")


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


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run every coroutine of the tests on asyncio, which asyncpg is written for."""
    return "asyncio"


@pytest.fixture(autouse=True)
def clean_environment() -> Iterator[None]:
    """Give each test an empty folder to work in, and settings that nobody has loaded."""
    with in_environment():
        yield


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """Give a PostgreSQL that lives as long as the run: APP_TEST_DATABASE_URL, or embedded.

    With pytest-xdist each worker has its own.
    """
    if SERVER:
        yield make_url(SERVER)
    else:
        with data_folder() as data, embedded_database(data) as url:
            yield url


@pytest.fixture
def new_database_url(server_url: URL) -> Iterator[URL]:
    """Give an empty database."""
    with database(server_url) as url:
        yield url


@pytest.fixture
def alembic(tmp_path: Path, new_database_url: URL) -> Iterator[Config]:
    """Give Alembic's configuration, and an empty database that it works on.

    A migration that the test writes goes into ``tmp_path``.
    """
    with in_environment(APP_DATABASE_URL=show(new_database_url)):
        yield configuration(tmp_path)


@pytest.fixture(scope="session")
def service_role(server_url: URL) -> Iterator[str]:
    """Name the role that the application connects as; the tests themselves are the owner."""
    with temporary_role(server_url) as role:
        yield role


@pytest.fixture(scope="session")
def template(server_url: URL, service_role: str) -> Iterator[str]:
    """Name a migrated database to copy. A copy takes far less time than the migrations."""
    with database(server_url) as url:
        migrate(url, service_role)
        yield str(url.database)


@pytest.fixture(scope="session")
def shared_database_url(server_url: URL, template: str) -> Iterator[URL]:
    """Give the migrated database of all tests that commit nothing: it stays as it is."""
    with database(server_url, template=template) as url:
        yield url


@pytest.fixture
def commits(request: pytest.FixtureRequest) -> bool:
    """Tell whether the test is marked as one that really commits."""
    return request.node.get_closest_marker("commits") is not None


@pytest.fixture
def database_url(
    commits: bool, server_url: URL, template: str, shared_database_url: URL
) -> Iterator[URL]:
    """Give the test's migrated database: of its own if it commits."""
    if commits:
        with database(server_url, template=template) as url:
            yield url
    else:
        yield shared_database_url


@pytest.fixture
def settings(database_url: URL) -> Settings:
    """Give the settings of a service on the test's database.

    A test's own transaction may wait as long as the test takes.
    """
    return Settings(database_url=database_url, database_idle_transaction_timeout=600)


@pytest.fixture
async def outer(settings: Settings, commits: bool) -> AsyncIterator[AsyncConnection | None]:
    """Give the one connection of the test, in a transaction that is rolled back at the end.

    What test and application commit on it is a savepoint: each sees it, a rollback of the
    application leaves what the test wrote, and all of it is gone afterwards. Commit before you ask
    the application: a savepoint left open encloses the request's. Three things differ from a real
    commit: a deferred constraint is not checked, now() stands still, and two requests at once
    can't be served. A test of those is marked ``commits``, and gets None.

    After every test the books must balance.
    """
    async with open_engine(settings) as engine:
        if commits:
            yield None
            async with AsyncSession(engine) as session:
                assert await find_discrepancies(session) == []
            return
        async with engine.connect() as connection:
            transaction = await connection.begin()
            yield connection
            async with AsyncSession(connection) as session:
                assert await find_discrepancies(session) == []
            await transaction.rollback()


@pytest.fixture
def app(settings: Settings, database_url: URL, service_role: str) -> FastAPI:
    """Give the application, not started yet."""
    service = {"database_url": as_service(database_url, service_role)}
    return create_app(settings.model_copy(update=service))


@pytest.fixture
async def client(app: FastAPI, outer: AsyncConnection | None) -> AsyncIterator[AsyncClient]:
    """Talk to the application as a client does, started and stopped around the test."""
    async with running(app, outer) as client:
        yield client


@pytest.fixture
async def session(
    settings: Settings, outer: AsyncConnection | None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncSession]:
    """Give the test a session beside the application's, for factories and to look."""
    async with open_engine(settings) as engine:
        sessions = create_sessions(engine)
        if outer is not None:
            sessions.configure(bind=outer, join_transaction_mode="create_savepoint")
        async with sessions() as session:
            monkeypatch.setattr(Factory, "__async_session__", session)
            yield session
