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

__all__ = ["ERROR_BY_CONSTRAINT", "translate_violations"]

ERROR_BY_CONSTRAINT: dict[str, Callable[[], LedgerError]] = {
    "ck_accounts_balance_range": BalanceLimitError,
    "ck_accounts_no_overdraft": InsufficientFundsError,
    "ck_transfers_two_accounts": SameAccountError,
    "fk_transfers_source_id_currency_accounts": CurrencyMismatchError,
    "fk_transfers_destination_id_currency_accounts": CurrencyMismatchError,
}
"""A constraint's name, and what its violation means."""


@contextmanager
def translate_violations() -> Iterator[None]:
    """Turn the violation of a constraint into the LedgerError that it means."""
    try:
        yield
    except IntegrityError as error:
        refusal = ERROR_BY_CONSTRAINT.get(constraint_name(error) or "")
        if refusal is None:
            raise
        raise refusal() from error


def constraint_name(error: IntegrityError) -> str | None:
    """Name the constraint, as asyncpg knows it."""
    name: str | None = getattr(error.orig and error.orig.__cause__, "constraint_name", None)
    return name
