"""The database has the last word, and the service understands it."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from support.factories import AccountFactory, make_transfer

from fastapi_single_process.db.models import metadata
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.services.constraints import ERROR_BY_CONSTRAINT, translate_violations
from fastapi_single_process.services.errors import (
    BalanceLimitError,
    CurrencyMismatchError,
    InsufficientFundsError,
    LedgerError,
    SameAccountError,
)

# No request can violate these, and why. If one does, it is a defect: a 500.
UNREACHABLE = {
    "pk_accounts": "uuidv7() makes the key",
    "pk_entries": "uuidv7() makes the key",
    "pk_transfers": "uuidv7() makes the key",
    "pk_health_checks": "nobody writes it",
    "pk_idempotency_keys": "a key that is there is no conflict: its answer is read",
    "ck_idempotency_keys_key_length": "the form of the header holds it",
    "ck_idempotency_keys_whole_answer": "one statement writes the whole answer",
    "uq_accounts_id_currency": "the id alone is unique",
    "uq_entries_transfer_id_side": "one statement writes both entries, one for each side",
    "uq_entries_account_id_number": "the account is locked, and its version grows",
    "ck_accounts_name_length": "the request model holds it",
    "ck_accounts_currency_code": "the request model holds it",
    "ck_transfers_amount_range": "the request model holds it",
    "ck_transfers_reference_length": "the request model holds it",
    "ck_entries_amount_moves": "a transfer's amount is at least 1",
    "ck_entries_balance": "one statement writes both entries",
    "fk_entries_account_id_accounts": "accounts are never deleted, and locked meanwhile",
    "fk_entries_transfer_id_transfers": "the transfer is made by the same statement",
}


def test_every_constraint_has_a_meaning_or_a_reason_why_nobody_meets_it() -> None:
    triggers = {"ck_entries_balance"}  # raised by a trigger, under the name of a constraint
    tables = metadata.tables.values()
    named = {str(constraint.name) for table in tables for constraint in table.constraints}
    unique = {str(index.name) for table in tables for index in table.indexes if index.unique}

    assert ERROR_BY_CONSTRAINT.keys() | UNREACHABLE.keys() == named | unique | triggers
    assert ERROR_BY_CONSTRAINT.keys().isdisjoint(UNREACHABLE)


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
    with pytest.raises(refusal), translate_violations():
        await make_transfer(session, **change)


@pytest.mark.parametrize("balance", [-(2**53), 2**53])
async def test_a_balance_has_a_limit(session: AsyncSession, balance: int) -> None:
    with pytest.raises(BalanceLimitError), translate_violations():
        await AccountFactory.create_async(balance=balance)


async def test_a_violation_that_nobody_expects_stays_an_error(session: AsyncSession) -> None:
    with pytest.raises(IntegrityError, match="ck_transfers_amount_range"), translate_violations():
        await make_transfer(session, amount=0)
