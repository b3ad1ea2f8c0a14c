"""Measure each request on few transfers and on many: none may grow with the table.

Two services run on two databases of one server, and are asked in turn, so that whatever else the
machine does slows both. Each figure is a median. Then a page by OFFSET is compared with a page by
key, at several depths.

    uv run python scripts/growth.py --small 1000 --large 1000000
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from time import perf_counter
from uuid import UUID, uuid4

import httpx2
from books import ACCOUNTS, fill
from service import Database, Service, database
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.api.protocol.cursors import write_cursor
from fastapi_single_process.config import Settings

__all__ = ["main"]

BY_OFFSET = text("SELECT * FROM transfers ORDER BY id DESC LIMIT 50 OFFSET :depth")
BY_KEY = text("SELECT * FROM transfers WHERE id < :after ORDER BY id DESC LIMIT 50")
AT = text("SELECT id FROM transfers ORDER BY id DESC LIMIT 1 OFFSET :depth")


class Requests:
    """The requests that are measured, on one service."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        """Ask with this client."""
        self.client = client

    async def prepare(self, url: str) -> None:
        """Look for what the requests name: accounts, a transfer and places deep in the lists."""
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            ids = list(await connection.scalars(text("SELECT id FROM accounts ORDER BY id")))
            count = await connection.scalar(text("SELECT count(*) FROM transfers")) or 0
            middle = await connection.scalar(AT, {"depth": count // 2})
            entries = text(
                "SELECT number FROM entries WHERE account_id = :id ORDER BY number DESC OFFSET :n"
            )
            number = {"id": ids[0], "n": count // ACCOUNTS}
            deep = await connection.scalar(entries, number)
        await engine.dispose()
        secret = Settings.model_fields["cursor_secret"].default
        self.account = f"/api/v1/accounts/{ids[0]}"
        self.entries = f"{self.account}/entries"
        self.transfer = f"/api/v1/transfers/{middle}"
        self.transfers_cursor = write_cursor(secret, "list_transfers", str(middle))
        place = str(UUID(int=deep or 0))
        self.entries_cursor = write_cursor(secret, f"list_entries {ids[0]}", place)
        self.body = {
            "source_id": str(ids[0]),
            "destination_id": str(ids[1]),
            "amount": 1,
            "reference": "measured",
        }

    def all(self) -> dict[str, Callable[[], Awaitable[httpx2.Response]]]:
        """Name every request."""
        get, post = self.client.get, self.client.post
        return {
            "GET accounts": lambda: get("/api/v1/accounts"),
            "GET an account": lambda: get(self.account),
            "GET transfers": lambda: get("/api/v1/transfers"),
            "GET transfers, half way down": lambda: get(
                "/api/v1/transfers", params={"cursor": self.transfers_cursor}
            ),
            "GET a transfer": lambda: get(self.transfer),
            "GET entries": lambda: get(self.entries),
            "GET entries, half way down": lambda: get(
                self.entries, params={"cursor": self.entries_cursor}
            ),
            "POST a transfer": lambda: post("/api/v1/transfers", json=self.body),
            "POST a transfer with a key": lambda: post(
                "/api/v1/transfers", json=self.body, headers={"Idempotency-Key": str(uuid4())}
            ),
        }


async def measure(
    services: Sequence[Service], urls: Sequence[str], *, rounds: int, limit: float
) -> bool:
    """Ask both services in turn, print the medians and tell whether none is over the limit."""
    grown = False
    clients = [
        httpx2.AsyncClient(base_url=service.address, trust_env=False) for service in services
    ]
    async with clients[0], clients[1]:
        both = [Requests(client) for client in clients]
        for requests, url in zip(both, urls, strict=True):
            await requests.prepare(url)
        print(f"\n{'request':32}{'small':>10}{'large':>10}{'ratio':>8}")
        for name in both[0].all():
            times: list[list[float]] = [[], []]
            for _ in range(rounds):
                for took, requests in zip(times, both, strict=True):
                    began = perf_counter()
                    (await requests.all()[name]()).raise_for_status()
                    took.append(1000 * (perf_counter() - began))
            small, large = (median(took[len(took) // 10 :]) for took in times)
            grown |= large > limit * small
            print(f"{name:32}{small:7.2f} ms{large:7.2f} ms{large / small:8.2f}", flush=True)
    return not grown


async def compare_pages(url: str, transfers: int) -> None:
    """Print what a page costs at several depths, by OFFSET and by key."""
    engine = create_async_engine(url)
    print(f"\n{'page that begins at':>20}{'by OFFSET':>12}{'by key':>12}")
    async with engine.connect() as connection:
        for depth in sorted(
            {0, *(transfers // part for part in (1000, 100, 10, 2)), transfers - 50}
        ):
            after = await connection.scalar(AT, {"depth": depth})
            costs = []
            for query, values in ((BY_OFFSET, {"depth": depth}), (BY_KEY, {"after": after})):
                took = []
                for _ in range(7):
                    began = perf_counter()
                    (await connection.execute(query, values)).all()
                    took.append(1000 * (perf_counter() - began))
                costs.append(median(took))
            print(f"{depth:>20}{costs[0]:9.2f} ms{costs[1]:9.2f} ms", flush=True)
    await engine.dispose()


def compare(postgres: Database, arguments: argparse.Namespace) -> bool:
    """Fill two databases, and ask two services."""
    databases = [postgres.copy(name) for name in ("small", "large")]
    for one, transfers in zip(databases, (arguments.small, arguments.large), strict=True):
        asyncio.run(fill(one.url, transfers))
    services = [Service(one) for one in databases]
    urls = [one.url for one in databases]
    with services[0].running(), services[1].running():
        measuring = measure(services, urls, rounds=arguments.rounds, limit=arguments.limit)
        kept = asyncio.run(measuring)
    asyncio.run(compare_pages(urls[1], arguments.large))
    return kept


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; 1 means that a request has grown with the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--small", type=int, default=1_000, metavar="N")
    parser.add_argument("--large", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=300, metavar="N")
    times = "how many times as long a request may take on many transfers (%(default)s)"
    parser.add_argument("--limit", type=float, default=1.5, metavar="N", help=times)
    with database() as postgres:
        return not compare(postgres, parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
