import asyncio

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import ForeignKey, select, text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, Mapped, make_transient_to_detached, mapped_column
from support.queries import BUDGETS, at_most

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.config import Settings
from fastapi_single_process.db.base import relationship
from fastapi_single_process.db.session import (
    AsyncSession,
    ReadSession,
    create_sessions,
    open_engine,
)
from fastapi_single_process.db.transactions import run_read

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def spendthrift(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the application an endpoint that sends one statement for each thing it reads."""

    async def read(session: ReadSession, count: int) -> list[int]:
        return [await session.scalar(select(1)) or 0 for _ in range(count)]

    @app.get("/things/{count}")
    async def answer(state: StateDep, count: int) -> list[int]:
        return await run_read(state["read_sessions"], read, count)

    monkeypatch.setitem(BUDGETS, "GET /things/{count}", 2)


def test_every_endpoint_has_a_budget(app: FastAPI) -> None:
    operations = {
        f"{method.upper()} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in METHODS & methods.keys()
    }

    assert BUDGETS.keys() == operations


@pytest.mark.usefixtures("spendthrift")
async def test_a_request_within_its_budget_is_answered(client: AsyncClient) -> None:
    assert (await client.get("/things/2")).json() == [1, 1]


@pytest.mark.usefixtures("spendthrift")
async def test_one_statement_too_many_is_told_with_what_was_sent(client: AsyncClient) -> None:
    with pytest.raises(AssertionError) as caught:
        await client.get("/things/3")

    assert str(caught.value).startswith("GET /things/{count} may send 2 statements, and sent:\n")
    assert str(caught.value).count("SELECT 1") == 3


async def test_savepoints_are_not_counted(session: AsyncSession) -> None:
    with at_most(1) as sent:
        async with session.begin(), session.begin_nested():
            await session.execute(text("SELECT 1"))

    assert sent == ["SELECT 1"]


@pytest.mark.commits
async def test_statements_side_by_side_are_counted_apart(settings: Settings) -> None:
    async with open_engine(settings) as engine:
        sessions = create_sessions(engine)

        async def send(statement: str) -> None:
            with at_most(2) as sent:
                async with sessions() as session:
                    await session.execute(text(statement))
                    await asyncio.sleep(0)
                    await session.execute(text(statement))
            assert sent == [statement, statement]

        async with asyncio.TaskGroup() as tasks:
            for number in range(5):
                tasks.create_task(send(f"SELECT {number}"))


class Base(DeclarativeBase):
    """A schema of the test's own: the service's stays what its migrations make."""


class Shelf(Base):
    __tablename__ = "shelves"

    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship()


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey(Shelf.id))


async def test_a_relationship_that_no_query_asked_for_raises(session: AsyncSession) -> None:
    shelf = Shelf(id=1)
    make_transient_to_detached(shelf)
    session.add(shelf)

    with pytest.raises(InvalidRequestError, match=r"'Shelf\.books' is not available"):
        _ = shelf.books
