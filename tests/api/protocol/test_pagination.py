"""A walk through a list sees every row that was there when it began, once."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from hypothesis import HealthCheck, example, given
from hypothesis import settings as search
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from support.ledger import ACCOUNTS, TRANSFERS, assert_problem, new_transfer, open_account
from support.running import running

import fastapi_single_process
from fastapi_single_process.config import Settings
from fastapi_single_process.db.models import Account
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.main import create_app


async def read_page(client: AsyncClient, url: str) -> tuple[list[str], str | None]:
    """Read a page and give the ids on it, and where the next one is."""
    answer = await client.get(url)
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    following = answer.links.get("next", {}).get("url")
    assert (following is None) is (answer.json()["next_cursor"] is None)
    return [item["id"] for item in items], following


@given(
    before=st.integers(0, 7),
    limit=st.integers(1, 4),
    meanwhile=st.lists(st.integers(0, 3), max_size=8),
)
@example(before=4, limit=2, meanwhile=[])
@example(before=4, limit=4, meanwhile=[4])
@search(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_walk_neither_skips_nor_repeats_while_rows_come_in(
    client: AsyncClient, session: AsyncSession, before: int, limit: int, meanwhile: list[int]
) -> None:
    await session.execute(delete(Account))
    await session.commit()
    there = [await open_account(client) for _ in range(before)]
    pages, arriving = [], iter(meanwhile)
    url: str | None = f"{ACCOUNTS}?limit={limit}"

    while url:
        page, url = await read_page(client, url)
        pages.append(page)
        for _ in range(next(arriving, 0)):
            await open_account(client)

    assert [account for page in pages for account in page] == there[::-1]
    assert all(len(page) == limit for page in pages[:-1])
    assert [] not in pages[1:]  # where the last page is full, no empty one follows


async def test_each_list_can_be_walked(client: AsyncClient) -> None:
    transfer = await new_transfer(client)
    for _ in range(3):
        await client.post(TRANSFERS, json=transfer)

    for path in (TRANSFERS, f"{ACCOUNTS}/{transfer['source_id']}/entries"):
        first, following = await read_page(client, f"{path}?limit=2")
        assert following is not None
        second, end = await read_page(client, following)
        assert len({*first, *second}) == 3
        assert end is None


async def test_a_page_links_to_the_first_and_the_next_one(client: AsyncClient) -> None:
    for _ in range(3):
        await open_account(client)

    answer = await client.get(f"{ACCOUNTS}?limit=2")

    cursor = answer.json()["next_cursor"]
    assert answer.headers["link"] == (
        f'<{ACCOUNTS}?limit=2>; rel="first", <{ACCOUNTS}?limit=2&cursor={cursor}>; rel="next"'
    )


class OnSocket:
    """What the server says of a request on a Unix socket, by a client that names no host."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [one for one in scope["headers"] if one[0] != b"host"]
        on_socket = {"server": ("/run/service.sock", None), "headers": headers}
        await self.app({**scope, **on_socket}, receive, send)


async def test_a_link_holds_nothing_of_how_the_service_is_reached(
    app: FastAPI, client: AsyncClient
) -> None:
    app.add_middleware(OnSocket)

    answer = await client.get(ACCOUNTS)

    assert answer.headers["link"] == f'<{ACCOUNTS}?limit=50>; rel="first"'


async def test_a_walk_may_change_the_way_to_the_service(app: FastAPI, client: AsyncClient) -> None:
    transfer = await new_transfer(client)
    for _ in range(2):
        await client.post(TRANSFERS, json=transfer)
    path = f"{ACCOUNTS}/{transfer['source_id']}/entries?limit=1"
    direct = (await client.get(path)).json()["next_cursor"]

    app.root_path = "/ledger"
    behind, following = await read_page(client, f"/ledger{path}")
    second, end = await read_page(client, f"/ledger{path}&cursor={direct}")
    upper = path.replace(transfer["source_id"], transfer["source_id"].upper())

    assert following is not None
    assert following.startswith("/ledger/api/v1/accounts/")
    assert (second, end) == await read_page(client, following)
    assert (second, end) == await read_page(client, f"/ledger{upper}&cursor={direct}")
    assert second != behind


@pytest.mark.parametrize(("kept", "status"), [(True, 200), (False, 400)])
async def test_a_walk_outlives_a_new_secret_if_the_former_one_is_kept(
    settings: Settings, outer: AsyncConnection, client: AsyncClient, kept: bool, status: int
) -> None:
    for _ in range(2):
        await open_account(client)
    cursor = (await client.get(f"{ACCOUNTS}?limit=1")).json()["next_cursor"]
    former = settings.cursor_secret if kept else None
    new = {"cursor_secret": SecretStr("another secret"), "former_cursor_secret": former}

    async with running(create_app(settings.model_copy(update=new)), outer) as renewed:
        answer = await renewed.get(f"{ACCOUNTS}?limit=1&cursor={cursor}")
        newest = (await renewed.get(f"{ACCOUNTS}?limit=1")).json()["next_cursor"]

    assert answer.status_code == status
    assert newest != cursor


def test_nothing_is_known_by_the_url_of_a_request() -> None:
    source = Path(fastapi_single_process.__path__[0])
    known = [file.name for file in source.rglob("*.py") if "request.url" in file.read_text()]

    assert known == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("limit=1" + "0" * 5000, "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=" + "a" * 501, "cursor"),
        ("offset=5", "offset"),
    ],
    ids=lambda value: value[:12],
)
async def test_a_parameter_that_does_not_fit_is_a_422(
    client: AsyncClient, query: str, parameter: str
) -> None:
    answer = await client.get(f"{TRANSFERS}?{query}")

    assert_problem(answer, 422, "invalid-request")
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["location"]) == (parameter, "query")


async def test_a_cursor_of_another_list_is_refused(client: AsyncClient) -> None:
    for _ in range(2):
        await open_account(client)
    cursor = (await client.get(f"{ACCOUNTS}?limit=1")).json()["next_cursor"]

    assert_problem(await client.get(f"{TRANSFERS}?cursor={cursor}"), 400, "invalid-cursor")
    assert_problem(await client.get(f"{ACCOUNTS}?cursor={cursor}x"), 400, "invalid-cursor")
