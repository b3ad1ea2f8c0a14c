"""Many at once: no money is lost, none is made, and nobody waits for ever."""

import asyncio
from collections import Counter

import pytest
from httpx2 import AsyncClient
from test_transfers import ACCOUNTS, move, open_account, read

WRITERS = 20

pytestmark = pytest.mark.commits


async def balances(client: AsyncClient, *accounts: str) -> list[int]:
    return [(await read(client, f"{ACCOUNTS}/{account}"))["balance"] for account in accounts]


async def test_no_transfer_is_lost(client: AsyncClient) -> None:
    source, destination = await open_account(client), await open_account(client)

    answers = await asyncio.gather(*(move(client, source, destination) for _ in range(WRITERS)))

    assert Counter(answer.status_code for answer in answers) == {201: WRITERS}
    assert await balances(client, source, destination) == [-5 * WRITERS, 5 * WRITERS]


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
