"""Kill the service and its database under load, and look whether a cent or a request is lost.

Clients send transfers, each with a key of its own, and send it again until they get an answer.
Meanwhile the service is killed with SIGKILL again and again, then PostgreSQL. In the end every
transfer that a client was told of must be there, once, and no other one.

    uv run python scripts/kills.py --service-kills 30 --database-kills 10
"""

import argparse
import asyncio
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from uuid import uuid4

import httpx2
from service import Database, Service, database
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.db.session import create_sessions
from fastapi_single_process.services.audit import find_discrepancies

ACCOUNTS = 10
# What the clients were told: the key of each transfer, which is its reference too, and its id.
CHECKS = {
    "transfers without a client that was told of them": """
        SELECT count(*) FROM transfers WHERE id <> ALL (CAST(:ids AS uuid[]))
    """,
    "acknowledged transfers that are missing": """
        SELECT count(*) FROM told
        WHERE NOT EXISTS (SELECT FROM transfers WHERE (id, reference) = (told.id, told.key))
    """,
    "keys with more than one transfer": """
        SELECT count(*) FROM (
            SELECT FROM transfers GROUP BY reference HAVING count(*) > 1
        ) AS twice
    """,
    "keys without an answer": """
        SELECT count(*) FROM told WHERE NOT EXISTS (
            SELECT FROM idempotency_keys WHERE idempotency_keys.key = told.key AND status = 201
        )
    """,
}
TOLD = """
    WITH told AS (
        SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:ids AS uuid[])) AS told (key, id)
    )
"""


@dataclass
class Clients:
    """What the clients do, and what they were told."""

    address: str
    accounts: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    stopping: bool = False

    async def open_accounts(self) -> None:
        """Open the accounts between which money goes."""
        async with httpx2.AsyncClient(base_url=self.address, trust_env=False) as client:
            for number in range(ACCOUNTS):
                new = {"name": f"Account {number}", "currency": "EUR", "allow_negative": True}
                answer = await client.post("/api/v1/accounts", json=new)
                self.accounts.append(answer.raise_for_status().json()["id"])

    async def work(self) -> None:
        """Send transfers, one after the other, until told to stop."""
        async with httpx2.AsyncClient(base_url=self.address, timeout=10, trust_env=False) as client:
            while not self.stopping:
                key = str(uuid4())
                source, destination = random.sample(self.accounts, 2)
                transfer = {
                    "source_id": source,
                    "destination_id": destination,
                    "amount": random.randint(1, 1000),
                    "reference": key,
                }
                self.told[key] = await self.insist(client, key, transfer)

    async def insist(
        self, client: httpx2.AsyncClient, key: str, transfer: dict[str, object]
    ) -> str:
        """Send one transfer until it is answered, and give its id."""
        headers = {"Idempotency-Key": f'"{key}"'}
        while True:
            try:
                answer = await client.post("/api/v1/transfers", json=transfer, headers=headers)
            except httpx2.TransportError as error:
                self.answers[type(error).__name__] += 1
            else:
                replayed = " replayed" if "idempotent-replayed" in answer.headers else ""
                self.answers[f"{answer.status_code}{replayed}"] += 1
                if answer.status_code == 201:
                    return str(answer.json()["id"])
                if answer.status_code not in (409, 503):
                    raise AssertionError(answer.text)
            await asyncio.sleep(0.05)

    def stop(self) -> None:
        """Let each client end after the transfer that it is at."""
        self.stopping = True


@asynccontextmanager
async def load(clients: Clients, count: int) -> AsyncIterator[None]:
    """Keep the clients busy meanwhile; then let them get their last answers."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(clients.work())
        try:
            yield
        finally:
            clients.stop()


async def some_work(clients: Clients) -> None:
    """Wait for some transfers, and then for a random moment within the next ones."""
    enough, deadline = len(clients.told) + 20, monotonic() + 60
    while len(clients.told) < enough:
        if monotonic() > deadline:
            raise AssertionError(f"nothing goes on: {clients.answers}")
        await asyncio.sleep(0.01)
    await asyncio.sleep(random.random() / 10)


async def check(database: Database, clients: Clients) -> dict[str, int]:
    """Count what must not be there."""
    engine = create_async_engine(database.url)
    told = {"keys": list(clients.told), "ids": list(clients.told.values())}
    async with create_sessions(engine)() as session:
        found = {what: await session.scalar(text(TOLD + sql), told) for what, sql in CHECKS.items()}
        found["discrepancies"] = len(await find_discrepancies(session))
    await engine.dispose()
    return found


async def kill(name: str, victim: Service | Database, clients: Clients, times: int) -> None:
    """Kill the service, or PostgreSQL under a service that stays, and start it again."""
    for number in range(1, times + 1):
        await some_work(clients)
        victim.kill()
        await asyncio.to_thread(victim.start)
        print(f"{name} killed {number} times, {len(clients.told)} transfers", flush=True)


async def run(database: Database, service: Service, arguments: argparse.Namespace) -> bool:
    """Do it all, print the figures and tell whether all is well."""
    clients = Clients(service.address)
    await clients.open_accounts()
    async with load(clients, arguments.clients):
        await kill("service", service, clients, arguments.service_kills)
        await kill("PostgreSQL", database, clients, arguments.database_kills)
        await some_work(clients)
    print(f"{len(clients.told)} transfers acknowledged; the clients got:")
    for answer, count in clients.answers.most_common():
        print(f"{count:8}  {answer}")
    found = await check(database, clients)
    for what, count in found.items():
        print(f"{count:8}  {what}")
    return not any(found.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; 1 means that something was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--service-kills", type=int, default=30, metavar="N")
    parser.add_argument("--database-kills", type=int, default=10, metavar="N")
    parser.add_argument("--clients", type=int, default=16, metavar="N")
    with database() as postgres:
        service = Service(postgres)
        with service.running():
            return not asyncio.run(run(postgres, service, parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
