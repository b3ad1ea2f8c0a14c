"""Rows for the tests: ``await HealthCheckFactory.create_async()`` writes one and gives it back.

A value that a test doesn't name is made up, and fits its column. Source:
https://polyfactory.litestar.dev/latest/usage/library_factories/sqlalchemy_factory.html
"""

from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory

from fastapi_single_process.db.models import Account, Entry, HealthCheck, Transfer
from fastapi_single_process.db.session import AsyncSession

__all__ = ["AccountFactory", "Factory", "HealthCheckFactory", "make_transfer"]


class Factory[Model](SQLAlchemyFactory[Model]):
    """What the factories share: they write through the test's session.

    Keys and related rows are the database's and the test's to choose.
    """

    __is_base_factory__ = True
    __set_primary_key__ = False
    __set_foreign_keys__ = False
    __set_relationships__ = False


class HealthCheckFactory(Factory[HealthCheck]):
    """Rows that the health check may read."""


class AccountFactory(Factory[Account]):
    """Accounts with nothing in them, that may go below zero."""

    currency = "EUR"
    allow_negative = True
    balance = 0
    version = 1


async def make_transfer(
    session: AsyncSession,
    *,
    amount: int = 5,
    allow_negative: bool = True,
    source_currency: str = "EUR",
    destination_currency: str = "EUR",
    same: bool = False,
) -> Transfer:
    """Write a transfer between two new accounts with everything that belongs to it."""
    source = await AccountFactory.create_async(
        currency=source_currency, allow_negative=allow_negative
    )
    destination = await AccountFactory.create_async(currency=destination_currency)
    transfer = Transfer(
        source_id=source.id,
        destination_id=source.id if same else destination.id,
        amount=amount,
        currency="EUR",
        reference="rent",
    )
    session.add(transfer)
    await session.flush()
    for account, change in ((source, -amount), (destination, amount)):
        account.balance += change
        account.version += 1
        values = {"transfer_id": transfer.id, "account_id": account.id, "amount": change}
        session.add(Entry(**values, number=account.version, balance_after=account.balance))
    await session.commit()
    return transfer
