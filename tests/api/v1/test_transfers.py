"""Transfers, as a client sees them."""

from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from support.transfers import ACCOUNTS, TRANSFERS, move, open_account, read

from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.services.audit import find_discrepancies


async def test_money_goes_from_one_account_to_another(client: AsyncClient) -> None:
    source, destination = await open_account(client), await open_account(client)

    answer = await move(client, source, destination, amount=5)

    made = answer.json()
    assert answer.status_code == 201
    assert made == {
        "id": made["id"],
        "source_id": source,
        "destination_id": destination,
        "amount": 5,
        "currency": "EUR",
        "reference": "rent",
        "created_at": made["created_at"],
    }
    assert answer.headers["location"] == f"{TRANSFERS}/{made['id']}"
    assert await read(client, answer.headers["location"]) == made
    for account, balance in ((source, -5), (destination, 5)):
        found = await read(client, f"{ACCOUNTS}/{account}")
        assert (found["balance"], found["version"]) == (balance, 2)
        assert found["updated_at"] == made["created_at"]
        (entry,) = (await read(client, f"{ACCOUNTS}/{account}/entries"))["items"]
        assert entry == {
            "id": entry["id"],
            "transfer_id": made["id"],
            "amount": balance,
            "balance_after": balance,
            "created_at": made["created_at"],
        }


async def test_behind_a_prefix_it_is_where_it_says(app: FastAPI, client: AsyncClient) -> None:
    source, destination = await open_account(client), await open_account(client)
    app.root_path = "/ledger"

    made = await move(client, source, destination)

    assert made.headers["location"] == f"/ledger{TRANSFERS}/{made.json()['id']}"
    assert await read(client, made.headers["location"]) == made.json()


async def test_an_entry_says_what_it_left(client: AsyncClient) -> None:
    source, destination = await open_account(client), await open_account(client)
    for amount in (5, 7, 11):
        await move(client, source, destination, amount=amount)

    page = await read(client, f"{ACCOUNTS}/{source}/entries?limit=2")
    last = await read(client, f"{ACCOUNTS}/{source}/entries?cursor={page['next_cursor']}")

    assert [(entry["amount"], entry["balance_after"]) for entry in page["items"]] == [
        (-11, -23),
        (-7, -12),
    ]
    assert [entry["balance_after"] for entry in last["items"]] == [-5]
    assert last["next_cursor"] is None


async def test_entries_keep_their_order_when_the_clock_is_set_back(
    client: AsyncClient, session: AsyncSession
) -> None:
    source, destination = await open_account(client), await open_account(client)
    await move(client, source, destination, amount=5)
    # What a clock makes that is ahead: these ids and times are of the year 2100.
    ahead = "UPDATE entries SET id = uuidv7(INTERVAL '74 years'), created_at = now() + '74 years'"
    await session.execute(text("ALTER TABLE entries DISABLE TRIGGER USER"))
    await session.execute(text(ahead))
    await session.execute(text("ALTER TABLE entries ENABLE TRIGGER USER"))
    await session.execute(text("UPDATE accounts SET updated_at = now() + '74 years'"))
    await session.commit()

    await move(client, source, destination, amount=7)

    page = await read(client, f"{ACCOUNTS}/{source}/entries?limit=1")
    rest = await read(client, f"{ACCOUNTS}/{source}/entries?cursor={page['next_cursor']}")
    last, first = page["items"] + rest["items"]
    assert [last["amount"], first["amount"]] == [-7, -5]
    assert last["created_at"] >= first["created_at"]
    assert await find_discrepancies(session) == []


async def test_an_account_without_transfers_has_no_entries(client: AsyncClient) -> None:
    path = f"{ACCOUNTS}/{await open_account(client)}/entries"

    assert await read(client, path) == {"items": [], "next_cursor": None}


async def test_transfers_are_listed_the_newest_first(client: AsyncClient) -> None:
    source, destination = await open_account(client), await open_account(client)
    made = [(await move(client, source, destination)).json() for _ in range(3)]

    first = await read(client, f"{TRANSFERS}?limit=2")
    second = await read(client, f"{TRANSFERS}?limit=2&cursor={first['next_cursor']}")

    assert first["items"] + second["items"] == made[::-1]


async def test_an_account_that_may_not_go_below_zero_does_not(client: AsyncClient) -> None:
    till, safe = await open_account(client), await open_account(client, allow_negative=False)
    await move(client, till, safe, amount=5)

    answer = await move(client, safe, till, amount=6)
    emptied = await move(client, safe, till, amount=5)

    assert (answer.status_code, emptied.status_code) == (409, 201)
    assert "less than the amount" in answer.json()["detail"]


async def test_what_is_no_transfer_is_refused(client: AsyncClient) -> None:
    euros, more, dollars = [
        await open_account(client, currency=currency) for currency in ("EUR", "EUR", "USD")
    ]

    refused = {
        "the same account": await move(client, euros, euros),
        "two currencies": await move(client, euros, dollars),
        "an unknown source": await move(client, str(uuid4()), euros),
        "an unknown destination": await move(client, euros, str(uuid4())),
        "nothing": await move(client, euros, more, amount=0),
        "text": await move(client, euros, more, amount="5"),
        "half a cent": await move(client, euros, more, amount=0.5),
        "more than there is": await move(client, euros, more, amount=10**12 + 1),
        "a reference that can't be stored": await move(client, euros, more, reference="a\0b"),
    }

    assert {what: answer.status_code for what, answer in refused.items()} == dict.fromkeys(
        refused, 422
    )
    assert (await read(client, TRANSFERS))["items"] == []


async def test_a_transfer_that_is_not_there_is_not_found(client: AsyncClient) -> None:
    assert (await client.get(f"{TRANSFERS}/{uuid4()}")).status_code == 404


@pytest.mark.parametrize("amount", [1, 10**12])
async def test_the_smallest_and_the_greatest_sum_can_be_moved(
    client: AsyncClient, amount: int
) -> None:
    source, destination = await open_account(client), await open_account(client)

    assert (await move(client, source, destination, amount=amount)).status_code == 201
