"""Accounts: open, rename, read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update

from fastapi_single_process.db.models import Account
from fastapi_single_process.db.session import AsyncSession, ReadSession
from fastapi_single_process.services.errors import AccountNotFoundError, VersionMismatchError
from fastapi_single_process.services.keyset import keyset

__all__ = ["get_account", "list_accounts", "open_account", "rename_account"]


async def open_account(
    session: AsyncSession, *, name: str, currency: str, allow_negative: bool = False
) -> Account:
    """Open an account with nothing in it."""
    account = Account(name=name, currency=currency, allow_negative=allow_negative)
    session.add(account)
    await session.flush()
    return account


async def get_account(session: ReadSession, account_id: UUID) -> Account:
    """Read an account. Raises AccountNotFoundError."""
    account = await session.get(Account, account_id)
    if account is None:
        raise AccountNotFoundError(account_id)
    return account


async def list_accounts(
    session: ReadSession, *, after: UUID | None, limit: int
) -> Sequence[Account]:
    """Read accounts, the newest first, from the one that comes after another.

    The newest by the database's clock, which their ids hold: one that is opened after the clock
    was set back stands behind others. A walk from page to page sees it all the same.
    """
    query = keyset(select(Account), Account.id, after=after, limit=limit)
    return (await session.scalars(query)).all()


async def rename_account(
    session: AsyncSession, account_id: UUID, name: str, *, versions: frozenset[int] | None
) -> Account:
    """Give an account another name, if it is in one of these versions; None means in any.

    Raises AccountNotFoundError or VersionMismatchError.
    """
    # now() is the time at which the transaction began: before the wait for the row, if it was held.
    # A clock that was set back doesn't take the account with it.
    time = func.greatest(func.clock_timestamp(), Account.updated_at)
    change = (
        update(Account)
        .where(Account.id == account_id)
        .values(name=name, version=Account.version + 1, updated_at=time)
        .returning(Account)
    )
    if versions is not None:
        change = change.where(Account.version.in_(versions))
    account = await session.scalar(change)
    if account is None:
        await get_account(session, account_id)
        raise VersionMismatchError
    return account
