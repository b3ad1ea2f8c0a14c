"""A request that comes twice has its effect once, and gets the same answer twice.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from fastapi_single_process.db.failures import DatabaseBusyError, DatabaseError
from fastapi_single_process.db.models import IdempotencyKey
from fastapi_single_process.db.session import AsyncSession, Sessions
from fastapi_single_process.db.transactions import run_transaction
from fastapi_single_process.services.errors import KeyInUseError, KeyReusedError

__all__ = [
    "RESERVE_KEY",
    "STORE_RESPONSE",
    "KeyedRequest",
    "StoredResponse",
    "find_response",
    "parameters",
    "purge_expired_keys",
    "purge_periodically",
    "reserve_key",
    "store_response",
    "waiting_for_a_key",
]

PURGE_BATCH_SIZE = 1000  # rows of one transaction
FIRST_PURGE_DELAY = 60  # seconds from the start to the first deletion

RESERVE_KEY = """
    request (operation, key, fingerprint) AS (
        VALUES (CAST(:operation AS text), CAST(:key AS text), CAST(:fingerprint AS bytea))
    ), taken AS (
        INSERT INTO idempotency_keys (operation, key, fingerprint)
        SELECT operation, key, fingerprint FROM request WHERE key IS NOT NULL
        ON CONFLICT DO NOTHING
        RETURNING key
    ), new_request AS (
        SELECT FROM request WHERE key IS NULL OR EXISTS (SELECT FROM taken)
    )
"""
"""A WITH that takes the key, if there is one; ``new_request`` is empty if it came before."""

STORE_RESPONSE = """
    UPDATE idempotency_keys
    SET status = :status, headers = :headers, body = :body
    WHERE operation = CAST(:operation AS text) AND key = CAST(:key AS text)
"""
"""Keeps the answer to a request with a key."""

TAKE = text(f"WITH {RESERVE_KEY} SELECT EXISTS (SELECT FROM new_request)")  # noqa: S608 (a constant)
STORE = text(STORE_RESPONSE).bindparams(bindparam("headers", type_=JSONB))

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeyedRequest:
    """A key, the operation that it is for, and what tells its request from another."""

    operation: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True)
class StoredResponse:
    """What the client gets."""

    status: int
    headers: dict[str, str]
    body: bytes
    replayed: bool = False


def parameters(
    keyed: KeyedRequest | None, answer: StoredResponse | None = None
) -> dict[str, object]:
    """Return what RESERVE_KEY and STORE_RESPONSE need; without a key they do nothing."""
    key = vars(keyed) if keyed else dict.fromkeys(("operation", "key", "fingerprint"))
    kept = vars(answer) if answer else {}
    return {**key, **{name: kept.get(name) for name in ("status", "headers", "body")}}


@contextmanager
def waiting_for_a_key() -> Iterator[None]:
    """Raise KeyInUseError, if it was the key that was waited for in vain."""
    try:
        yield
    except DatabaseBusyError as error:
        if error.sqlstate == "55P03" and IdempotencyKey.__tablename__ in error.context:
            raise KeyInUseError from error
        raise


async def reserve_key(session: AsyncSession, keyed: KeyedRequest) -> StoredResponse | None:
    """Take the key for this transaction; give the answer, if the request was answered before.

    A request with the same key that is under way is waited for. Raises KeyReusedError, and
    KeyInUseError if it takes too long.
    """
    with waiting_for_a_key():
        is_new = await session.scalar(TAKE, parameters(keyed))
    return None if is_new else await find_response(session, keyed)


async def find_response(session: AsyncSession, keyed: KeyedRequest) -> StoredResponse:
    """Give what was answered to a request with the key. Raises KeyReusedError, KeyInUseError."""
    # A statement of its own: the one that waited for the first request doesn't see its row yet.
    found = await session.get(IdempotencyKey, (keyed.operation, keyed.key))
    if found is not None and found.fingerprint != keyed.fingerprint:
        raise KeyReusedError
    if found is None or found.status is None or found.headers is None or found.body is None:
        raise KeyInUseError  # it was forgotten in this very moment
    return StoredResponse(found.status, found.headers, found.body, replayed=True)


async def store_response(
    session: AsyncSession, keyed: KeyedRequest, answer: StoredResponse
) -> None:
    """Keep the answer, in the transaction of the effect."""
    await session.execute(STORE, parameters(keyed, answer))


async def purge_expired_keys(
    sessions: Sessions, *, older_than: timedelta, batch: int = PURGE_BATCH_SIZE
) -> int:
    """Delete the keys of a certain age, in small transactions, and give their number."""
    key = tuple_(IdempotencyKey.operation, IdempotencyKey.key)
    oldest = (
        select(IdempotencyKey.operation, IdempotencyKey.key)
        .where(IdempotencyKey.created_at < func.now() - older_than)
        .order_by(IdempotencyKey.created_at)
        .limit(batch)
        # Another process may be at it: each takes what the other has not.
        .with_for_update(skip_locked=True)
    )
    deletion = delete(IdempotencyKey).where(key.in_(oldest)).returning(IdempotencyKey.key)

    async def delete_some(session: AsyncSession) -> int:
        return len((await session.scalars(deletion)).all())

    total = 0
    while True:
        deleted = await run_transaction(sessions, delete_some)
        total += deleted
        if deleted < batch:
            return total


async def purge_periodically(sessions: Sessions, *, older_than: timedelta) -> None:
    """Delete old keys for ever: a minute after the start, and then 24 times in their time.

    A service that is started again every hour deletes them too.
    """
    pause = older_than.total_seconds() / 24
    delay = min(pause, FIRST_PURGE_DELAY)
    while True:
        await asyncio.sleep(delay)
        delay = pause
        try:
            deleted = await purge_expired_keys(sessions, older_than=older_than)
        except DatabaseError as error:
            logger.warning("old idempotency keys can't be deleted: %s", error)
        except Exception:
            # Nobody waits for this task: what ended it, nobody would hear of.
            logger.exception("old idempotency keys can't be deleted")
        else:
            logger.info("%d old idempotency keys deleted", deleted)
