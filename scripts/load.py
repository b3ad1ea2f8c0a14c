"""Let many clients move money at once, and look whether a cent is lost.

uv run python scripts/load.py --clients 64 --accounts 10 --transfers 20000
"""

import argparse
import asyncio
import random
import sys
from collections import Counter
from collections.abc import Sequence
from time import monotonic

import httpx2
from service import Database, Service, database
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.db.models import Account
from fastapi_single_process.db.session import create_sessions
from fastapi_single_process.services.audit import find_discrepancies

START = 10_000  # what each account has at first, in cents


async def open_accounts(client: httpx2.AsyncClient, count: int) -> list[str]:
    """Open accounts that may not go below zero, and fill them from one that may."""
    new = {"name": "Mint", "currency": "EUR", "allow_negative": True}
    mint = (await client.post("/api/v1/accounts", json=new)).raise_for_status().json()["id"]
    accounts = []
    for number in range(count):
        new = {"name": f"Account {number}", "currency": "EUR", "allow_negative": False}
        opened = (await client.post("/api/v1/accounts", json=new)).raise_for_status().json()["id"]
        accounts.append(opened)
        await move(client, mint, opened, START)
    return accounts


async def move(client: httpx2.AsyncClient, source: str, destination: str, amount: int) -> str:
    """Ask for a transfer, and give the status of the answer, or the error that came instead."""
    new = {"source_id": source, "destination_id": destination, "amount": amount, "reference": ""}
    try:
        return str((await client.post("/api/v1/transfers", json=new)).status_code)
    except httpx2.TransportError as error:
        return type(error).__name__


async def work(
    client: httpx2.AsyncClient, accounts: list[str], left: list[int], answers: Counter[str]
) -> None:
    """Move random sums between random accounts, as long as there are transfers left."""
    while left[0] > 0:
        number = left[0] = left[0] - 1
        source, destination = random.sample(accounts, 2)
        answers[await move(client, source, destination, random.randint(1, START // 2))] += 1
        if number % 1000 == 0:
            print(f"{number:8}  transfers left", flush=True)


async def look(database: Database) -> tuple[int, Sequence[str]]:
    """Give the sum of all balances, and what is wrong with the books."""
    engine = create_async_engine(database.url)
    async with create_sessions(engine)() as session:
        total = await session.scalar(select(func.sum(Account.balance)))
        found = await find_discrepancies(session)
    await engine.dispose()
    return int(total or 0), found


async def run(database: Database, service: Service, arguments: argparse.Namespace) -> bool:
    """Do it, print the figures, and tell whether all is well."""
    answers: Counter[str] = Counter()
    limits = httpx2.Limits(max_connections=arguments.clients)
    async with httpx2.AsyncClient(
        base_url=service.address, limits=limits, timeout=60, trust_env=False
    ) as client:
        accounts = await open_accounts(client, arguments.accounts)
        left, start = [arguments.transfers], monotonic()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(arguments.clients):
                tasks.create_task(work(client, accounts, left, answers))
        seconds = monotonic() - start
    total, discrepancies = await look(database)
    for answer, count in sorted(answers.items()):
        print(f"{count:8}  answers {answer}")
    print(f"{arguments.transfers / seconds:8.0f}  transfers a second")
    print(f"{total:8}  cents in all accounts together")
    print(f"{len(discrepancies):8}  discrepancies", *discrepancies, sep="\n")
    return answers.keys() <= {"201", "409"} and total == 0 and not discrepancies


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; 1 means that the books don't balance, or a request failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=64, metavar="N")
    parser.add_argument("--accounts", type=int, default=10, metavar="N")
    parser.add_argument("--transfers", type=int, default=20_000, metavar="N")
    chosen = parser.parse_args(arguments)
    with database() as postgres:
        service = Service(postgres)
        with service.running():
            try:
                return not asyncio.run(run(postgres, service, chosen))
            except httpx2.HTTPError as error:
                sys.exit(f"the service can't be asked: {error}")


if __name__ == "__main__":
    sys.exit(main())
