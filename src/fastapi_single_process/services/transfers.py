"""Transfers: money that goes from one account to another, in two statements."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload  # the columns of a row of text() have no types
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from fastapi_single_process.db.models import Entry, Transfer
from fastapi_single_process.db.session import AsyncSession, ReadSession
from fastapi_single_process.services.accounts import get_account
from fastapi_single_process.services.constraints import translate_violations
from fastapi_single_process.services.errors import (
    AccountUnknownError,
    CurrencyMismatchError,
    InsufficientFundsError,
    SameAccountError,
    TransferNotFoundError,
)
from fastapi_single_process.services.idempotency import (
    RESERVE_KEY,
    STORE_RESPONSE,
    KeyedRequest,
    StoredResponse,
    find_response,
    parameters,
    waiting_for_a_key,
)
from fastapi_single_process.services.keyset import keyset

__all__ = [
    "TransferOrder",
    "get_transfer",
    "list_entries",
    "list_transfers",
    "make_transfer",
    "prepare_transfer",
    "write_transfer",
]

# The first statement: take the key, if there is one, and only then the accounts, in the order of
# their ids; choose what the answer needs, so that the second can store it. A row's time is its own
# and not now(), which came before the wait for the locks; and not earlier than what the account
# has, if the clock was set back since.
PREPARE = text(f"""
    WITH {RESERVE_KEY}, locked AS (
        SELECT id, currency, allow_negative, balance, updated_at FROM accounts
        WHERE id IN (:source_id, :destination_id) AND EXISTS (SELECT FROM new_request)
        ORDER BY id
        FOR NO KEY UPDATE
    )
    SELECT
        uuidv7() AS transfer_id, greatest(clock_timestamp(), updated_at) AS time,
        EXISTS (SELECT FROM new_request) AS is_new, locked.*
    FROM request LEFT JOIN locked ON true
""")  # noqa: S608 (nothing but constants)

# The second statement: everything that is written.
WRITE = text(f"""
    WITH transfer AS (
        INSERT INTO transfers
            (id, source_id, destination_id, amount, currency, reference, created_at)
        VALUES
            (:id, :source_id, :destination_id, :amount, :currency, :reference, :created_at)
    ), moved AS (
        UPDATE accounts
        SET balance = balance + change, version = version + 1, updated_at = :created_at
        FROM (VALUES
            (CAST(:source_id AS uuid), CAST(-:amount AS bigint)),
            (CAST(:destination_id AS uuid), CAST(:amount AS bigint))
        ) AS changes (account_id, change)
        WHERE id = account_id
        RETURNING account_id, version, change, balance
    ), stored AS ({STORE_RESPONSE})
    INSERT INTO entries (transfer_id, account_id, number, amount, balance_after, created_at)
    SELECT :id, account_id, version, change, balance, :created_at FROM moved
""").bindparams(bindparam("headers", type_=JSONB))  # noqa: S608 (nothing but constants)


@dataclass(frozen=True)
class TransferOrder:
    """What is to be moved, and from where to where; the amount is in minor units."""

    source_id: UUID
    destination_id: UUID
    amount: int
    reference: str


async def make_transfer(session: AsyncSession, order: TransferOrder) -> Transfer:
    """Move money from one account to another. Raises a LedgerError, and then nothing is written."""
    transfer = await prepare_transfer(session, order)
    await write_transfer(session, transfer)
    return transfer


@overload
async def prepare_transfer(
    session: AsyncSession, order: TransferOrder, keyed: None = None
) -> Transfer: ...
@overload
async def prepare_transfer(
    session: AsyncSession, order: TransferOrder, keyed: KeyedRequest | None
) -> Transfer | StoredResponse: ...
async def prepare_transfer(
    session: AsyncSession, order: TransferOrder, keyed: KeyedRequest | None = None
) -> Transfer | StoredResponse:
    """Lock the accounts, and return the transfer that is to be written.

    If the key came before, return the answer that is kept for it. Raises a LedgerError.
    """
    values = asdict(order)
    with waiting_for_a_key():
        rows = (await session.execute(PREPARE, {**values, **parameters(keyed)})).all()
    if keyed and not rows[0].is_new:
        return await find_response(session, keyed)
    currency = _check(order, {row.id: row for row in rows})
    # The later one of each: when both accounts were locked.
    made, time = max(row.transfer_id for row in rows), max(row.time for row in rows)
    return Transfer(**values, id=made, currency=currency, created_at=time)


async def write_transfer(
    session: AsyncSession,
    transfer: Transfer,
    keyed: KeyedRequest | None = None,
    answer: StoredResponse | None = None,
) -> None:
    """Write a transfer that was prepared in this transaction; with a key, its answer as well."""
    columns = ("id", "source_id", "destination_id", "amount", "currency", "reference", "created_at")
    values = {name: getattr(transfer, name) for name in columns}
    with translate_violations():
        await session.execute(WRITE, {**values, **parameters(keyed, answer)})


def _check(order: TransferOrder, accounts: Mapping[UUID, Row[Any]]) -> str:
    """Refuse what the database would refuse, with better words; give the currency."""
    if order.source_id == order.destination_id:
        raise SameAccountError
    source, destination = accounts.get(order.source_id), accounts.get(order.destination_id)
    if source is None or destination is None:
        raise AccountUnknownError
    if source.currency != destination.currency:
        raise CurrencyMismatchError
    if source.balance < order.amount and not source.allow_negative:
        raise InsufficientFundsError
    return str(source.currency)


async def get_transfer(session: ReadSession, transfer_id: UUID) -> Transfer:
    """Read a transfer. Raises TransferNotFoundError."""
    transfer = await session.get(Transfer, transfer_id)
    if transfer is None:
        raise TransferNotFoundError(transfer_id)
    return transfer


async def list_transfers(
    session: ReadSession, *, after: UUID | None, limit: int
) -> Sequence[Transfer]:
    """Read transfers, the newest first by the database's clock, as ``list_accounts`` does."""
    query = keyset(select(Transfer), Transfer.id, after=after, limit=limit)
    return (await session.scalars(query)).all()


async def list_entries(
    session: ReadSession, account_id: UUID, *, after: int | None, limit: int
) -> Sequence[Entry]:
    """Read an account's entries, the newest first, from the one that comes after a number.

    Raises AccountNotFoundError.
    """
    of_account = select(Entry).where(Entry.account_id == account_id)
    query = keyset(of_account, Entry.number, after=after, limit=limit)
    entries = (await session.scalars(query)).all()
    if not entries:
        await get_account(session, account_id)
    return entries
