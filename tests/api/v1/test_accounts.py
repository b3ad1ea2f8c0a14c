"""Accounts, as a client sees them."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from support.factories import AccountFactory
from support.locks import until_somebody_waits

from fastapi_single_process.db.session import AsyncSession

ACCOUNTS = "/api/v1/accounts"
NEW = {"name": "Till", "currency": "EUR", "allow_negative": True}
ANY_VERSION = {"If-Match": "*"}


async def open_account(client: AsyncClient, **values: object) -> dict[str, Any]:
    answer = await client.post(ACCOUNTS, json=NEW | values)
    assert answer.status_code == 201, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def test_a_new_account_is_empty_and_says_where_it_is(client: AsyncClient) -> None:
    answer = await client.post(ACCOUNTS, json=NEW)

    opened = answer.json()
    assert opened == NEW | {
        "id": opened["id"],
        "balance": 0,
        "version": 1,
        "created_at": opened["created_at"],
        "updated_at": opened["created_at"],
    }
    assert answer.headers["location"] == f"{ACCOUNTS}/{opened['id']}"
    assert (await client.get(answer.headers["location"])).json() == opened


async def test_behind_a_prefix_it_is_where_it_says(app: FastAPI, client: AsyncClient) -> None:
    app.root_path = "/ledger"

    answer = await client.post(f"/ledger{ACCOUNTS}", json=NEW)

    assert answer.headers["location"] == f"/ledger{ACCOUNTS}/{answer.json()['id']}"
    assert (await client.get(answer.headers["location"])).json() == answer.json()


async def test_an_account_does_not_go_below_zero_unless_it_is_told_to(client: AsyncClient) -> None:
    answer = await client.post(ACCOUNTS, json={"name": "Till", "currency": "EUR"})

    assert answer.json()["allow_negative"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"currency": "euro"},
        {"currency": "eur"},
        {"name": ""},
        {"name": " \t\n"},
        {"name": "x" * 201},
        {"name": "a\0b"},
        {"allow_negative": 1},
        {"balance": 5},
    ],
)
async def test_what_is_no_account_is_refused(client: AsyncClient, wrong: dict[str, object]) -> None:
    assert (await client.post(ACCOUNTS, json=NEW | wrong)).status_code == 422


async def test_a_name_changes_and_the_version_with_it(client: AsyncClient) -> None:
    path = f"{ACCOUNTS}/{(await open_account(client))['id']}"

    answer = await client.patch(path, json={"name": "Safe"}, headers=ANY_VERSION)

    assert (answer.json()["name"], answer.json()["version"]) == ("Safe", 2)
    assert (await client.get(path)).json() == answer.json()


@pytest.mark.commits
async def test_a_change_has_its_time(client: AsyncClient) -> None:
    opened = await open_account(client)

    path = f"{ACCOUNTS}/{opened['id']}"
    changed = await client.patch(path, json={"name": "Safe"}, headers=ANY_VERSION)

    assert changed.json()["created_at"] == opened["created_at"] < changed.json()["updated_at"]


@pytest.mark.commits
async def test_a_change_has_a_later_time_than_the_one_that_it_waited_for(
    client: AsyncClient, session: AsyncSession
) -> None:
    path = f"{ACCOUNTS}/{(await open_account(client))['id']}"
    await session.execute(text("UPDATE accounts SET name = 'Vault'"))

    async with asyncio.TaskGroup() as tasks:
        change = tasks.create_task(client.patch(path, json={"name": "Safe"}, headers=ANY_VERSION))
        await until_somebody_waits(session)
        released = await session.scalar(text("SELECT clock_timestamp()"))
        await session.commit()

    assert datetime.fromisoformat(change.result().json()["updated_at"]) > released


async def test_no_change_has_an_earlier_time_than_the_one_before(
    client: AsyncClient, session: AsyncSession
) -> None:
    # As a clock leaves it that was set back since.
    account = await AccountFactory.create_async(updated_at=datetime(2100, 1, 1, tzinfo=UTC))

    changed = await client.patch(
        f"{ACCOUNTS}/{account.id}", json={"name": "Safe"}, headers={"If-Match": "*"}
    )

    assert datetime.fromisoformat(changed.json()["updated_at"]) == account.updated_at


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    path = f"{ACCOUNTS}/{uuid4()}"

    answers = [
        await client.get(path),
        await client.patch(path, json={"name": "Safe"}, headers=ANY_VERSION),
        await client.get(f"{path}/entries"),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert answers[0].json()["detail"] == f"There is no account {path[-36:]}."


async def test_what_it_cannot_do_says_what_it_can(client: AsyncClient) -> None:
    account = await client.post(f"{ACCOUNTS}/{uuid4()}")
    accounts = await client.delete(ACCOUNTS)

    assert (account.status_code, account.headers["allow"]) == (405, "GET, HEAD, PATCH")
    assert (accounts.status_code, accounts.headers["allow"]) == (405, "GET, HEAD, POST")


async def test_a_list_is_read_page_by_page_the_newest_first(
    client: AsyncClient, session: AsyncSession
) -> None:
    opened = [str((await AccountFactory.create_async()).id) for _ in range(5)]

    pages, cursor = [], None
    for _ in range(3):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(ACCOUNTS, params=query)).json()
        pages.append([account["id"] for account in page["items"]])
        cursor = page["next_cursor"]

    assert pages == [opened[:2:-1], opened[2:0:-1], opened[:1]]
    assert cursor is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"cursor": "x"}, 400),
        ({"cursor": "é"}, 400),
        ({"limit": "0"}, 422),
        ({"limit": "201"}, 422),
        ({"page": "2"}, 422),
    ],
)
async def test_what_is_no_page_is_refused(
    client: AsyncClient, query: dict[str, str], status: int
) -> None:
    assert (await client.get(ACCOUNTS, params=query)).status_code == status
