from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, HTTPException
from httpx2 import AsyncClient
from sqlalchemy import column, select, table, text
from support.running import running

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.config import Settings
from fastapi_single_process.db.failures import DatabaseError
from fastapi_single_process.db.session import (
    AsyncSession,
    ReadSession,
    create_read_sessions,
    create_sessions,
    open_engine,
)
from fastapi_single_process.db.transactions import run_read, run_transaction
from fastapi_single_process.main import create_app

pytestmark = pytest.mark.commits

# The database refuses a negative number at the commit, and only there.
TABLE = (
    "CREATE TABLE numbers (number int)",
    """
    CREATE FUNCTION refuse_negative() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF NEW.number < 0 THEN RAISE 'negative'; END IF; RETURN NULL; END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER negative AFTER INSERT ON numbers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_negative()
    """,
)


async def insert(session: AsyncSession, number: int, status: int) -> None:
    await session.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
    if status != 201:
        raise HTTPException(status)


async def read_numbers(session: ReadSession) -> list[int]:
    return list(await session.scalars(select(column("number")).select_from(table("numbers"))))


async def make_table(session: AsyncSession) -> None:
    for statement in TABLE:
        await session.execute(text(statement))


def add_routes(app: FastAPI) -> None:
    @app.post("/numbers", status_code=201)
    async def add(state: StateDep, number: int, status: int = 201) -> None:
        await run_transaction(state["sessions"], insert, number, status)

    @app.get("/numbers")
    async def read(state: StateDep) -> list[int]:
        return await run_read(state["read_sessions"], read_numbers)

    @app.post("/table")
    async def make(state: StateDep) -> None:
        await run_transaction(state["sessions"], make_table)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """Give an application as the owner: its routes do what the service may not."""
    return create_app(settings)


@pytest.fixture
async def numbers(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Give the application with routes that write, each in a transaction."""
    add_routes(app)
    async with running(app, raise_app_exceptions=False) as client:
        assert (await client.post("/table")).status_code == 200
        yield client


async def test_a_request_that_succeeds_is_committed(numbers: AsyncClient) -> None:
    assert (await numbers.post("/numbers?number=1")).status_code == 201

    assert (await numbers.get("/numbers")).json() == [1]


async def test_a_failed_commit_never_answers_2xx(numbers: AsyncClient) -> None:
    assert (await numbers.post("/numbers?number=-1")).status_code == 500

    assert (await numbers.get("/numbers")).json() == []


async def test_an_http_error_rolls_back(numbers: AsyncClient) -> None:
    assert (await numbers.post("/numbers?number=1&status=409")).status_code == 409

    assert (await numbers.get("/numbers")).json() == []


async def test_a_read_ends_with_nothing_written(settings: Settings, numbers: AsyncClient) -> None:
    async def write(session: ReadSession) -> None:
        # mypy sees that this is no read, and so does the database.
        await session.scalar(text("INSERT INTO numbers VALUES (1)"))  # type: ignore[arg-type]

    async with open_engine(settings) as engine:
        with pytest.raises(DatabaseError, match="read-only transaction"):
            await run_read(create_read_sessions(engine), write)

        await run_transaction(create_sessions(engine), insert, 2, 201)

    assert (await numbers.get("/numbers")).json() == [2]
