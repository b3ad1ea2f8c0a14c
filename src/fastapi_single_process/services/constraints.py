"""What the database refuses, in the words of the ledger.

A service checks before it writes, and says more then. This is for what came between, and for the
check that somebody forgets.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from fastapi_single_process.services.errors import (
    BalanceLimitError,
    CurrencyMismatchError,
    InsufficientFundsError,
    LedgerError,
    SameAccountError,
)

__all__ = ["REFUSALS", "UNREACHABLE", "refusals"]

REFUSALS: dict[str, Callable[[], LedgerError]] = {
    "ck_accounts_balance_range": BalanceLimitError,
    "ck_accounts_no_overdraft": InsufficientFundsError,
    "ck_transfers_two_accounts": SameAccountError,
    "fk_transfers_source_id_currency_accounts": CurrencyMismatchError,
    "fk_transfers_destination_id_currency_accounts": CurrencyMismatchError,
}
"""A constraint's name, and what its violation means."""

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
"""A constraint that no request can violate, and why. If one does, it is a defect: a 500."""


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the violation of a constraint into the LedgerError that it means."""
    try:
        yield
    except IntegrityError as error:
        refusal = REFUSALS.get(constraint_name(error) or "")
        if refusal is None:
            raise
        raise refusal() from error


def constraint_name(error: IntegrityError) -> str | None:
    """Name the constraint, as asyncpg knows it."""
    name: str | None = getattr(error.orig and error.orig.__cause__, "constraint_name", None)
    return name
