"""Accounts and transfers of the tests, made over HTTP."""

from typing import Any

from httpx2 import AsyncClient, Response

ACCOUNTS = "/api/v1/accounts"
TRANSFERS = "/api/v1/transfers"


async def open_account(client: AsyncClient, **values: object) -> str:
    new = {"name": "Till", "currency": "EUR", "allow_negative": True}
    answer = await client.post(ACCOUNTS, json=new | values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def move(client: AsyncClient, source: str, destination: str, **values: object) -> Response:
    new = {"source_id": source, "destination_id": destination, "amount": 5, "reference": "rent"}
    return await client.post(TRANSFERS, json=new | values)


async def read(client: AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found
