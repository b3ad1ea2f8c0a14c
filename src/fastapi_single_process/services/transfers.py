"""Transfers: money that goes from one account to another, in two statements."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any  # the columns of a row of text() have no types
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from fastapi_single_process.db.models import Entry, Transfer
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.schemas.transfer import NewTransfer
from fastapi_single_process.services.accounts import get_account
from fastapi_single_process.services.constraints import refusals
from fastapi_single_process.services.errors import (
    AccountUnknownError,
    CurrencyMismatchError,
    InsufficientFundsError,
    SameAccountError,
    TransferNotFoundError,
)
from fastapi_single_process.services.idempotency import (
    Answer,
    Claim,
    find_answer,
    waiting_for_a_key,
)

__all__ = ["get_transfer", "list_entries", "list_transfers", "make_transfer"]

# The first statement: take the key, if there is one, and only then the accounts, in the order of
# their ids; choose what the answer needs, so that the second can store it. A row's time is its own
# and not now(), which came before the wait for the locks; and not earlier than what the account
# has, if the clock was set back since.
PREPARE = text("""
    WITH request (operation, key, fingerprint) AS (
        VALUES (CAST(:operation AS text), CAST(:key AS text), CAST(:fingerprint AS bytea))
    ), taken AS (
        INSERT INTO idempotency_keys (operation, key, fingerprint)
        SELECT operation, key, fingerprint FROM request WHERE key IS NOT NULL
        ON CONFLICT DO NOTHING
        RETURNING key
    ), first AS (
        SELECT FROM request WHERE key IS NULL OR EXISTS (SELECT FROM taken)
    ), locked AS (
        SELECT id, currency, allow_negative, balance, updated_at FROM accounts
        WHERE id IN (:source_id, :destination_id) AND EXISTS (SELECT FROM first)
        ORDER BY id
        FOR NO KEY UPDATE
    )
    SELECT
        uuidv7() AS transfer_id, greatest(clock_timestamp(), updated_at) AS time,
        EXISTS (SELECT FROM first) AS first, locked.*
    FROM request LEFT JOIN locked ON true
""")

# The second statement: everything that is written.
WRITE = text("""
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
    ), stored AS (
        UPDATE idempotency_keys
        SET status = :status, headers = :headers, body = :body
        WHERE operation = CAST(:operation AS text) AND key = CAST(:key AS text)
    )
    INSERT INTO entries (transfer_id, account_id, number, amount, balance_after, created_at)
    SELECT :id, account_id, version, change, balance, :created_at FROM moved
""").bindparams(bindparam("headers", type_=JSONB))


async def make_transfer(
    session: AsyncSession,
    new: NewTransfer,
    *,
    claim: Claim | None,
    render: Callable[[Transfer], Answer],
) -> Answer:
    """Move money and give the answer; with a key, the answer that is kept for it.

    Raises a LedgerError, and then nothing is written.
    """
    names = {
        "operation": claim and claim.operation,
        "key": claim and claim.key,
        "fingerprint": claim and claim.fingerprint,
    }
    values = new.model_dump()
    with waiting_for_a_key():
        rows = (await session.execute(PREPARE, {**values, **names})).all()
    if claim and not rows[0].first:
        return await find_answer(session, claim)
    currency = _check(new, {row.id: row for row in rows})
    # The later one of each: when both accounts were locked.
    made, time = max(row.transfer_id for row in rows), max(row.time for row in rows)
    transfer = Transfer(**values, id=made, currency=currency, created_at=time)
    answer = render(transfer)
    written = {"id": transfer.id, "currency": currency, "created_at": transfer.created_at}
    stored = {"status": answer.status, "headers": answer.headers, "body": answer.body}
    with refusals():
        await session.execute(WRITE, {**values, **names, **written, **stored})
    return answer


def _check(new: NewTransfer, accounts: Mapping[UUID, Row[Any]]) -> str:
    """Refuse what the database would refuse, with better words; give the currency."""
    if new.source_id == new.destination_id:
        raise SameAccountError
    source, destination = accounts.get(new.source_id), accounts.get(new.destination_id)
    if source is None or destination is None:
        raise AccountUnknownError
    if source.currency != destination.currency:
        raise CurrencyMismatchError
    if source.balance < new.amount and not source.allow_negative:
        raise InsufficientFundsError
    return str(source.currency)


async def get_transfer(session: AsyncSession, transfer_id: UUID) -> Transfer:
    """Read a transfer. Raises TransferNotFoundError."""
    transfer = await session.get(Transfer, transfer_id)
    if transfer is None:
        raise TransferNotFoundError(transfer_id)
    return transfer


async def list_transfers(
    session: AsyncSession, *, after: UUID | None, limit: int
) -> Sequence[Transfer]:
    """Read transfers, the newest first by the database's clock, as ``list_accounts`` does."""
    query = select(Transfer).order_by(Transfer.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Transfer.id < after)
    return (await session.scalars(query)).all()


async def list_entries(
    session: AsyncSession, account_id: UUID, *, after: int | None, limit: int
) -> Sequence[Entry]:
    """Read an account's entries, the newest first, from the one that comes after a number.

    Raises AccountNotFoundError.
    """
    of_account = select(Entry).where(Entry.account_id == account_id)
    query = of_account.order_by(Entry.number.desc()).limit(limit)
    if after is not None:
        query = query.where(Entry.number < after)
    entries = (await session.scalars(query)).all()
    if not entries:
        await get_account(session, account_id)
    return entries
