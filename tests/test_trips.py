"""How many times a request goes to the database and back, BEGIN and COMMIT included."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from running import running
from sqlalchemy import text
from sqlalchemy.engine import URL

from fastapi_single_process.api.dependencies import Session
from fastapi_single_process.config import Settings
from fastapi_single_process.db.failures import DatabaseUnavailableError
from fastapi_single_process.db.session import Sessions, create_sessions, open_engine
from fastapi_single_process.main import create_app


@dataclass
class Relay:
    """Passes bytes between a client and PostgreSQL, and counts what the client sends.

    asyncpg sends all of one trip at once, and waits for the answer to it.
    """

    url: URL
    trips: int = 0
    breaks: bool = False
    """Whether the next trip ends the connection, as a line does that broke unseen."""

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes from a client until it leaves."""
        host = self.url.host or str(self.url.query["host"])
        port = self.url.port or 5432
        if host.startswith("/"):
            there = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            there = await asyncio.open_connection(host, port)
        back = asyncio.create_task(self.copy(there[0], writer))
        await self.copy(reader, there[1], count=True)
        await back

    async def copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, count: bool = False
    ) -> None:
        """Copy one direction."""
        while data := await reader.read(65_536):
            self.trips += count
            if count and self.breaks:
                self.breaks = False
                break
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def relayed(settings: Settings) -> AsyncIterator[tuple[Relay, Settings]]:
    """Give a relay before the test's database, and the settings of a service behind it."""
    assert settings.database_url
    relay = Relay(settings.database_url)
    async with await asyncio.start_server(relay.connect, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        behind = settings.database_url.set(host=host, port=port, query={"ssl": "disable"})
        yield relay, settings.model_copy(update={"database_url": behind})


async def ask(sessions: Sessions) -> object:
    async with sessions.begin() as session:
        return await session.scalar(text("SELECT 1"))


async def test_what_fails_before_it_has_begun_may_be_run_again(settings: Settings) -> None:
    async with relayed(settings) as (relay, behind), open_engine(behind) as engine:
        sessions = create_sessions(engine)
        assert await ask(sessions) == 1
        relay.breaks = True

        with pytest.raises(DatabaseUnavailableError) as caught:
            await ask(sessions)

        assert caught.value.repeatable
        assert await ask(sessions) == 1


def add_route(app: FastAPI) -> None:
    @app.get("/one")
    async def read(session: Session) -> int:
        return await session.scalar(text("SELECT 1")) or 0


@pytest.mark.parametrize("path", ["/one", "/api/v1/health"])
async def test_one_statement_is_three_trips(settings: Settings, path: str) -> None:
    async with relayed(settings) as (relay, behind):
        app = create_app(behind)
        add_route(app)
        async with running(app) as client:
            for _ in ("connects", "prepares", "is warm"):
                assert (await client.get(path)).status_code == 200

            before = relay.trips
            await client.get(path)

            # BEGIN with its limits, the statement, COMMIT or ROLLBACK.
            assert relay.trips - before == 3
