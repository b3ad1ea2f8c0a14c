"""Many at once: no money is lost, none is made, and nobody waits for ever."""

import asyncio
from collections import Counter
from datetime import datetime

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text
from support.locks import until_somebody_waits
from support.transfers import ACCOUNTS, move, open_account, read

from fastapi_single_process.db import transactions
from fastapi_single_process.db.session import AsyncSession

WRITERS = 20

pytestmark = pytest.mark.commits


@pytest.fixture(autouse=True)
def nothing_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a deadlock be seen: run again, it would look as if the locks had an order."""
    monkeypatch.setattr(transactions, "MAX_ATTEMPTS", 1)


async def balances(client: AsyncClient, *accounts: str) -> list[int]:
    return [(await read(client, f"{ACCOUNTS}/{account}"))["balance"] for account in accounts]


async def test_no_transfer_is_lost(client: AsyncClient) -> None:
    source, destination = await open_account(client), await open_account(client)

    answers = await asyncio.gather(*(move(client, source, destination) for _ in range(WRITERS)))

    assert Counter(answer.status_code for answer in answers) == {201: WRITERS}
    assert await balances(client, source, destination) == [-5 * WRITERS, 5 * WRITERS]
    entries = (await read(client, f"{ACCOUNTS}/{destination}/entries"))["items"]
    assert [entry["balance_after"] for entry in entries] == list(range(5 * WRITERS, 0, -5))


async def test_transfers_that_meet_do_not_wait_for_each_other_for_ever(client: AsyncClient) -> None:
    one, other = await open_account(client), await open_account(client)

    answers = await asyncio.gather(
        *(move(client, *pair) for _ in range(WRITERS // 2) for pair in ((one, other), (other, one)))
    )

    assert Counter(answer.status_code for answer in answers) == {201: WRITERS}
    assert await balances(client, one, other) == [0, 0]


async def test_the_last_cent_is_spent_once(client: AsyncClient) -> None:
    till, safe = await open_account(client), await open_account(client, allow_negative=False)
    await move(client, till, safe, amount=5)

    answers = await asyncio.gather(*(move(client, safe, till) for _ in range(WRITERS)))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: WRITERS - 1}
    assert await balances(client, till, safe) == [0, 0]


async def test_a_transfer_has_a_later_time_than_the_one_that_it_waited_for(
    client: AsyncClient, session: AsyncSession
) -> None:
    source, destination = await open_account(client), await open_account(client)
    # The account that is locked last: its id is the larger one.
    change = text("UPDATE accounts SET name = 'Vault' WHERE id = :destination")
    await session.execute(change, {"destination": destination})

    async with asyncio.TaskGroup() as tasks:
        transfer = tasks.create_task(move(client, source, destination))
        await until_somebody_waits(session)
        released = await session.scalar(text("SELECT clock_timestamp()"))
        await session.commit()

    time = transfer.result().json()["created_at"]
    [entry] = (await read(client, f"{ACCOUNTS}/{source}/entries"))["items"]
    assert datetime.fromisoformat(time) > released
    assert entry["created_at"] == time
    assert (await read(client, f"{ACCOUNTS}/{source}"))["updated_at"] == time
