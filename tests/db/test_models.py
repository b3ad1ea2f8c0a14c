"""What the database refuses, whoever asks: no service stands between these statements and it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from asyncpg.exceptions import CheckViolationError, RestrictViolationError
from sqlalchemy import case, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from support.factories import AccountFactory, make_transfer

from fastapi_single_process.db.models import Account, Entry, Transfer
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.services.audit import find_discrepancies

ENTRY = "INSERT INTO entries (transfer_id, account_id, number, amount, balance_after) VALUES "


def one_sided(source: UUID, _: UUID) -> str:
    return f"{ENTRY} (:id, '{source}', 2, -5, -5)"


def uneven(source: UUID, destination: UUID) -> str:
    return f"{ENTRY} (:id, '{source}', 2, -5, -5), (:id, '{destination}', 2, 4, 4)"


def reversed_(source: UUID, destination: UUID) -> str:
    return f"{ENTRY} (:id, '{source}', 2, 5, 5), (:id, '{destination}', 2, -5, -5)"


def none(_: UUID, __: UUID) -> str:
    return "SELECT CAST(:id AS uuid)"


async def add_transfer(session: AsyncSession) -> tuple[UUID, UUID, UUID]:
    """Write a transfer of 5 without its entries."""
    source = await AccountFactory.create_async()
    destination = await AccountFactory.create_async()
    transfer = Transfer(
        source_id=source.id, destination_id=destination.id, amount=5, currency="EUR", reference=""
    )
    session.add(transfer)
    await session.flush()
    return transfer.id, source.id, destination.id


@pytest.mark.commits
@pytest.mark.parametrize("entries", [one_sided, uneven, reversed_, none])
async def test_entries_that_do_not_balance_are_refused_when_they_are_committed(
    session: AsyncSession, entries: Callable[[UUID, UUID], str]
) -> None:
    transfer, source, destination = await add_transfer(session)
    await session.execute(text(entries(source, destination)), {"id": transfer})

    with pytest.raises(IntegrityError, match="do not balance"):
        await session.commit()
    await session.rollback()
    assert await session.get(Transfer, transfer) is None


@pytest.mark.commits
@pytest.mark.parametrize("amount", [-1, 1])
async def test_a_transfer_gets_no_third_entry_later(session: AsyncSession, amount: int) -> None:
    transfer = await make_transfer(session)
    third = await AccountFactory.create_async()
    values = {"transfer_id": transfer.id, "account_id": third.id, "amount": amount}
    session.add(Entry(**values, number=2, balance_after=amount))

    with pytest.raises(IntegrityError, match="uq_entries_transfer_id_side"):
        await session.commit()


async def test_the_entries_of_a_transfer_are_looked_at_once(session: AsyncSession) -> None:
    await session.execute(text("SET LOCAL track_functions = 'all'"))

    await make_transfer(session)

    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    calls = "SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'check_entries'"
    assert await session.scalar(text(calls)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET amount = 1",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "UPDATE transfers SET reference = 'other'",
        "DELETE FROM transfers",
        "TRUNCATE transfers CASCADE",
    ],
)
async def test_history_is_never_changed(session: AsyncSession, statement: str) -> None:
    await make_transfer(session)
    # What waits for the end of the transaction would forbid the TRUNCATE first.
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    with pytest.raises(DBAPIError, match="are never changed") as refused:
        await session.execute(text(statement))
    assert refused.value.orig is not None
    assert isinstance(refused.value.orig.__cause__, RestrictViolationError)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"source_currency": "USD"}, "fk_transfers_source_id_currency_accounts"),
        ({"destination_currency": "USD"}, "fk_transfers_destination_id_currency_accounts"),
        ({"same": True}, "ck_transfers_two_accounts"),
        ({"amount": 0}, "ck_transfers_amount_range"),
        ({"amount": 1_000_000_000_001}, "ck_transfers_amount_range"),
        ({"allow_negative": False}, "ck_accounts_no_overdraft"),
    ],
)
async def test_a_transfer_that_cannot_be_is_refused(
    session: AsyncSession, change: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError) as refused:
        await make_transfer(session, **change)
    assert constraint in str(refused.value)


async def test_an_account_in_no_currency_is_refused(session: AsyncSession) -> None:
    with pytest.raises(IntegrityError) as refused:
        await AccountFactory.create_async(currency="euro")
    assert refused.value.orig is not None
    assert isinstance(refused.value.orig.__cause__, CheckViolationError)


@pytest.mark.parametrize("balance", [-(2**53), 2**53])
async def test_a_balance_that_json_may_not_keep_is_refused(
    session: AsyncSession, balance: int
) -> None:
    with pytest.raises(IntegrityError, match="ck_accounts_balance_range"):
        await AccountFactory.create_async(balance=balance)


async def test_books_that_balance_have_no_discrepancy(session: AsyncSession) -> None:
    await make_transfer(session)

    assert await find_discrepancies(session) == []


async def test_a_balance_that_is_not_the_sum_of_its_entries_is_found(session: AsyncSession) -> None:
    account = Account(name="Till", currency="EUR", allow_negative=True, balance=7)
    session.add(account)
    await session.flush()

    found = await find_discrepancies(session)

    assert found == [f"account {account.id}: balance 7, entries 0"]
    await session.rollback()


async def test_an_entry_that_leaves_another_balance_is_found(session: AsyncSession) -> None:
    transfer, source, destination = await add_transfer(session)
    for account, amount, balance in ((source, -5, -5), (destination, 5, 6)):
        values = {"transfer_id": transfer, "account_id": account, "amount": amount}
        session.add(Entry(**values, number=2, balance_after=balance))
    change = case((Account.id == source, -5), else_=5)
    await session.execute(update(Account).values(balance=change))

    found = await find_discrepancies(session)

    assert found == [f"account {destination}: entries that leave another balance: 1"]
    await session.rollback()


async def test_the_factory_of_accounts_opens_them_empty(session: AsyncSession) -> None:
    await AccountFactory.create_async()

    account = await session.get_one(Account, (await AccountFactory.create_async()).id)
    assert (account.balance, account.version) == (0, 1)
