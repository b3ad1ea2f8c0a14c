"""Accounts and transfers, made as a client makes them."""

from typing import Any

from httpx2 import AsyncClient, Response

__all__ = ["ACCOUNTS", "TRANSFERS", "assert_problem", "new_transfer", "open_account"]

ACCOUNTS = "/api/v1/accounts"
TRANSFERS = "/api/v1/transfers"


def assert_problem(answer: Response, status: int, slug: str) -> None:
    """See that an answer is this problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")


async def open_account(
    client: AsyncClient, *, currency: str = "EUR", allow_negative: bool = True
) -> str:
    """Open an account and give its id."""
    new = {"name": "Till", "currency": currency, "allow_negative": allow_negative}
    answer = await client.post(ACCOUNTS, json=new)
    assert answer.status_code == 201
    return str(answer.json()["id"])


async def new_transfer(client: AsyncClient, **values: Any) -> dict[str, Any]:
    """Open two accounts and give the body of a transfer between them."""
    source, destination = await open_account(client), await open_account(client)
    named = {"source_id": source, "destination_id": destination, "amount": 5, "reference": "rent"}
    return named | values
