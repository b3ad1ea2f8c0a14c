"""The fixtures themselves: what one test writes, no other sees, and what it wrote stays written."""

import pytest
from fastapi import FastAPI, HTTPException
from httpx2 import AsyncClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from support.factories import HealthCheckFactory

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.config import Settings
from fastapi_single_process.db.models import HealthCheck
from fastapi_single_process.db.session import AsyncSession, ReadSession
from fastapi_single_process.db.transactions import run_read, run_transaction
from fastapi_single_process.main import create_app

COUNT = select(func.count()).select_from(HealthCheck)
# One row is the migration's.
UNTOUCHED = 1

DEFERRED = (
    "CREATE TABLE parents (id int PRIMARY KEY)",
    "CREATE TABLE children (id int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)",
)


async def count_rows(session: ReadSession) -> int:
    return await session.scalar(COUNT) or 0


async def add_row(session: AsyncSession, refused: bool) -> None:
    session.add(HealthCheck())
    await session.flush()
    if refused:
        raise HTTPException(409)


async def write_orphan(session: AsyncSession) -> None:
    for statement in (*DEFERRED, "INSERT INTO children VALUES (1)"):
        await session.execute(text(statement))


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """Give an application as the owner: its routes do what the service may not."""
    return create_app(settings)


@pytest.fixture(autouse=True)
def routes(app: FastAPI) -> None:
    """Give the application a route that counts, one that writes, and one that then thinks again."""

    @app.get("/rows")
    async def count(state: StateDep) -> int:
        return await run_read(state["read_sessions"], count_rows)

    @app.post("/rows")
    async def add(state: StateDep, refused: bool = False) -> None:
        await run_transaction(state["sessions"], add_row, refused)

    @app.post("/orphans")
    async def add_orphan(state: StateDep) -> None:
        await run_transaction(state["sessions"], write_orphan)


async def test_the_application_sees_what_the_test_wrote(
    client: AsyncClient, session: AsyncSession
) -> None:
    await HealthCheckFactory.create_async()

    assert (await client.get("/rows")).json() == UNTOUCHED + 1


async def test_the_test_sees_what_the_application_wrote(
    client: AsyncClient, session: AsyncSession
) -> None:
    await client.post("/rows")

    assert await session.scalar(COUNT) == UNTOUCHED + 1


async def test_what_the_test_wrote_outlives_a_rollback_of_the_application(
    client: AsyncClient, session: AsyncSession
) -> None:
    await HealthCheckFactory.create_async()

    assert (await client.post("/rows?refused=true")).status_code == 409

    assert (await client.get("/rows")).json() == UNTOUCHED + 1


@pytest.mark.parametrize("time", ["first", "second"])
async def test_nothing_is_left_for_the_next_test(client: AsyncClient, time: str) -> None:
    await client.post("/rows")

    assert (await client.get("/rows")).json() == UNTOUCHED + 1


@pytest.mark.commits
@pytest.mark.parametrize("time", ["first", "second"])
async def test_nothing_committed_is_left_for_the_next_test(
    client: AsyncClient, session: AsyncSession, time: str
) -> None:
    await client.post("/rows")
    await HealthCheckFactory.create_async()

    assert (await client.get("/rows")).json() == UNTOUCHED + 2


async def test_a_deferred_constraint_is_not_checked_in_a_savepoint(client: AsyncClient) -> None:
    assert (await client.post("/orphans")).status_code == 200


@pytest.mark.commits
async def test_a_deferred_constraint_is_checked_where_the_application_commits(
    client: AsyncClient,
) -> None:
    with pytest.raises(IntegrityError, match="violates foreign key constraint"):
        await client.post("/orphans")
