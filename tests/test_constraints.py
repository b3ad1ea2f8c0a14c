"""The database has the last word, and the service understands it."""

from typing import Any

import pytest
from factories import AccountFactory, make_transfer
from sqlalchemy.exc import IntegrityError

from fastapi_single_process.db.models import metadata
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.services.constraints import REFUSALS, UNREACHABLE, refusals
from fastapi_single_process.services.errors import (
    BalanceLimitError,
    CurrencyMismatchError,
    InsufficientFundsError,
    LedgerError,
    SameAccountError,
)


def test_every_constraint_has_a_meaning_or_a_reason_why_nobody_meets_it() -> None:
    triggers = {"ck_entries_balance"}  # raised by a trigger, under the name of a constraint
    tables = metadata.tables.values()
    named = {str(constraint.name) for table in tables for constraint in table.constraints}
    unique = {str(index.name) for table in tables for index in table.indexes if index.unique}

    assert REFUSALS.keys() | UNREACHABLE.keys() == named | unique | triggers
    assert REFUSALS.keys().isdisjoint(UNREACHABLE)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"allow_negative": False}, InsufficientFundsError),
        ({"same": True}, SameAccountError),
        ({"source_currency": "USD"}, CurrencyMismatchError),
        ({"destination_currency": "USD"}, CurrencyMismatchError),
    ],
)
async def test_a_violation_is_what_it_means(
    session: AsyncSession, change: dict[str, Any], refusal: type[LedgerError]
) -> None:
    with pytest.raises(refusal), refusals():
        await make_transfer(session, **change)


@pytest.mark.parametrize("balance", [-(2**53), 2**53])
async def test_a_balance_has_a_limit(session: AsyncSession, balance: int) -> None:
    with pytest.raises(BalanceLimitError), refusals():
        await AccountFactory.create_async(balance=balance)


async def test_a_violation_that_nobody_expects_stays_an_error(session: AsyncSession) -> None:
    with pytest.raises(IntegrityError, match="ck_transfers_amount_range"), refusals():
        await make_transfer(session, amount=0)
