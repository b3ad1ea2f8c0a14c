"""A request that comes twice has its effect once, and gets the same answer twice.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from fastapi_single_process.db.failures import DatabaseBusyError, DatabaseError
from fastapi_single_process.db.models import IdempotencyKey
from fastapi_single_process.db.session import AsyncSession, Sessions
from fastapi_single_process.services.errors import KeyInUseError, KeyReusedError

__all__ = [
    "Answer",
    "Claim",
    "find_answer",
    "forget_keys",
    "keep_forgetting",
    "store_answer",
    "take_key",
    "waiting_for_a_key",
]

BATCH = 1000  # rows of one transaction
FIRST = 60  # seconds from the start to the first deletion

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """A key, the operation that it is for, and what tells its request from another."""

    operation: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True)
class Answer:
    """What the client gets."""

    status: int
    headers: dict[str, str]
    body: bytes
    replayed: bool = False


@contextmanager
def waiting_for_a_key() -> Iterator[None]:
    """Raise KeyInUseError, if it was the key that was waited for in vain."""
    try:
        yield
    except DatabaseBusyError as error:
        if error.sqlstate == "55P03" and IdempotencyKey.__tablename__ in error.context:
            raise KeyInUseError from error
        raise


async def take_key(session: AsyncSession, claim: Claim) -> Answer | None:
    """Take the key for this transaction; give the answer, if the request was answered before.

    A request with the same key that is under way is waited for. Raises KeyReusedError, and
    KeyInUseError if it takes too long.
    """
    taking = (
        insert(IdempotencyKey)
        .values(operation=claim.operation, key=claim.key, fingerprint=claim.fingerprint)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    with waiting_for_a_key():
        taken = await session.scalar(taking)
    return None if taken else await find_answer(session, claim)


async def find_answer(session: AsyncSession, claim: Claim) -> Answer:
    """Give what was answered to a request with the key. Raises KeyReusedError, KeyInUseError."""
    # A statement of its own: the one that waited for the first request doesn't see its row yet.
    found = await session.get(IdempotencyKey, (claim.operation, claim.key))
    if found is not None and found.fingerprint != claim.fingerprint:
        raise KeyReusedError
    if found is None or found.status is None or found.headers is None or found.body is None:
        raise KeyInUseError  # it was forgotten in this very moment
    return Answer(found.status, found.headers, found.body, replayed=True)


async def store_answer(session: AsyncSession, claim: Claim, answer: Answer) -> None:
    """Keep the answer, in the transaction of the effect."""
    await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.operation == claim.operation, IdempotencyKey.key == claim.key)
        .values(status=answer.status, headers=answer.headers, body=answer.body)
    )


async def forget_keys(sessions: Sessions, *, older_than: timedelta, batch: int = BATCH) -> int:
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
    total = 0
    while True:
        async with sessions.begin() as session:
            deleted = len((await session.scalars(deletion)).all())
        total += deleted
        if deleted < batch:
            return total


async def keep_forgetting(sessions: Sessions, *, older_than: timedelta) -> None:
    """Delete old keys for ever: a minute after the start, and then 24 times in their time.

    A service that is started again every hour deletes them too.
    """
    pause = older_than.total_seconds() / 24
    delay = min(pause, FIRST)
    while True:
        await asyncio.sleep(delay)
        delay = pause
        try:
            deleted = await forget_keys(sessions, older_than=older_than)
        except DatabaseError as error:
            logger.warning("old idempotency keys can't be deleted: %s", error)
        except Exception:
            # Nobody waits for this task: what ended it, nobody would hear of.
            logger.exception("old idempotency keys can't be deleted")
        else:
            logger.info("%d old idempotency keys deleted", deleted)
