"""What the ledger refuses, and how it says so."""

from uuid import UUID, uuid4

import pytest
from httpx2 import AsyncClient
from sqlalchemy import update
from support.ledger import ACCOUNTS, TRANSFERS, assert_problem, new_transfer, open_account

from fastapi_single_process.api.problems.handlers import PROBLEM_BY_ERROR
from fastapi_single_process.db.models import Account
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.services import errors

NOBODY = UUID(int=0)
LIMIT = 2**53 - 1


def test_every_refusal_has_its_problem() -> None:
    assert set(PROBLEM_BY_ERROR) == set(errors.LedgerError.__subclasses__())
    assert {kind.__name__ for kind in PROBLEM_BY_ERROR} == set(errors.__all__) - {"LedgerError"}


async def test_too_little_money_is_a_409(client: AsyncClient) -> None:
    poor = await open_account(client, allow_negative=False)

    answer = await client.post(TRANSFERS, json=await new_transfer(client, source_id=poor))

    assert_problem(answer, 409, "insufficient-funds")


@pytest.mark.parametrize(("field", "balance"), [("source_id", -LIMIT), ("destination_id", LIMIT)])
async def test_too_large_a_balance_is_a_409(
    client: AsyncClient, session: AsyncSession, field: str, balance: int
) -> None:
    body = await new_transfer(client)
    change = update(Account).where(Account.id == UUID(body[field])).values(balance=balance)
    await session.execute(change)

    answer = await client.post(TRANSFERS, json=body)

    assert_problem(answer, 409, "balance-limit")
    await session.rollback()  # no entries have led to this balance


@pytest.mark.parametrize("field", ["source_id", "destination_id"])
async def test_an_account_that_nobody_has_opened_is_a_422(client: AsyncClient, field: str) -> None:
    body = await new_transfer(client, **{field: str(NOBODY)})

    assert_problem(await client.post(TRANSFERS, json=body), 422, "account-unknown")


async def test_another_currency_is_a_422(client: AsyncClient) -> None:
    dollars = await open_account(client, currency="USD")

    answer = await client.post(TRANSFERS, json=await new_transfer(client, destination_id=dollars))

    assert_problem(answer, 422, "currency-mismatch")


async def test_one_account_twice_is_a_422(client: AsyncClient) -> None:
    body = await new_transfer(client)

    answer = await client.post(TRANSFERS, json=body | {"source_id": body["destination_id"]})

    assert_problem(answer, 422, "same-account")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 0),
        ("amount", -1),
        ("amount", 10**12 + 1),
        ("amount", 10**4000),
        ("amount", "5"),
        ("amount", 5.0),
        ("amount", True),
        ("reference", "a\0b"),
        ("reference", "a" * 201),
        ("source_id", "no UUID"),
        ("note", "nothing"),
    ],
    ids=lambda value: f"{str(value)[:12]}{len(str(value))}",
)
async def test_a_field_that_does_not_fit_is_named(
    client: AsyncClient, field: str, value: object
) -> None:
    body = await new_transfer(client, **{field: value})

    answer = await client.post(TRANSFERS, json=body)

    assert_problem(answer, 422, "invalid-request")
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    assert "found" not in answer.text  # a part of the value


async def test_of_many_mistakes_the_first_are_named(client: AsyncClient) -> None:
    body = await new_transfer(client, **{f"note{number}": 1 for number in range(1000)})

    answer = await client.post(TRANSFERS, json=body)

    assert_problem(answer, 422, "invalid-request")
    assert answer.json()["detail"] == "1000 values do not fit; the first 20 are named."
    assert len(answer.json()["errors"]) == 20


async def test_nul_is_no_part_of_a_name(client: AsyncClient) -> None:
    answer = await client.post(ACCOUNTS, json={"name": "a\0", "currency": "EUR"})

    assert_problem(answer, 422, "invalid-request")


@pytest.mark.parametrize("path", [f"{ACCOUNTS}/", f"{TRANSFERS}/"])
async def test_what_is_not_there_is_a_404(client: AsyncClient, path: str) -> None:
    assert_problem(await client.get(path + str(uuid4())), 404, "not-found")
    answer = await client.get(f"{path}no-uuid")
    assert_problem(answer, 422, "invalid-request")
    assert answer.json()["errors"][0]["location"] == "path"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (ACCOUNTS, "GET, HEAD, POST"),
        (f"{ACCOUNTS}/{NOBODY}", "GET, HEAD, PATCH"),
        (f"{ACCOUNTS}/{NOBODY}/entries", "GET, HEAD"),
        (TRANSFERS, "GET, HEAD, POST"),
        (f"{TRANSFERS}/{NOBODY}", "GET, HEAD"),
        ("/problems/", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
    ],
)
async def test_every_method_that_a_resource_has_is_named(
    client: AsyncClient, path: str, allowed: str
) -> None:
    answer = await client.delete(path)

    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


async def test_a_transfer_can_be_read_where_it_is_said_to_be(client: AsyncClient) -> None:
    body = await new_transfer(client)
    made = await client.post(TRANSFERS, json=body)

    read = await client.get(made.headers["location"])
    entries = await client.get(f"{ACCOUNTS}/{body['source_id']}/entries")

    assert read.json() == made.json()
    assert entries.json()["items"][0]["balance_after"] == -5
