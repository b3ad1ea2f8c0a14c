from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, HTTPException
from httpx2 import AsyncClient
from running import running
from sqlalchemy import text

from fastapi_single_process.api.dependencies import Session
from fastapi_single_process.config import Settings
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


def add_routes(app: FastAPI) -> None:
    @app.post("/numbers", status_code=201)
    async def add(session: Session, number: int, status: int = 201) -> None:
        await session.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
        if status != 201:
            raise HTTPException(status)

    @app.post("/unserializable", response_model=int)
    async def answer_badly(session: Session) -> str:
        await session.execute(text("INSERT INTO numbers VALUES (7)"))
        return "not a number"

    @app.get("/numbers")
    async def read(session: Session) -> list[int]:
        return list(await session.scalars(text("SELECT number FROM numbers ORDER BY 1")))

    @app.post("/table")
    async def make(session: Session) -> None:
        for statement in TABLE:
            await session.execute(text(statement))


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """Give an application as the owner: its routes do what the service may not."""
    return create_app(settings)


@pytest.fixture
async def numbers(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Give the application with routes that write, each in the request's transaction."""
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


async def test_an_answer_that_fits_no_schema_rolls_back(numbers: AsyncClient) -> None:
    assert (await numbers.post("/unserializable")).status_code == 500

    assert (await numbers.get("/numbers")).json() == []
