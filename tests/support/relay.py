"""A relay before the database, which counts trips and breaks lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.engine import URL

from fastapi_single_process.config import Settings


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
