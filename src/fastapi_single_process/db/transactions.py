"""Two ways to the database: ``run_read`` for what only reads, ``run_transaction`` for all else.

Each gives the work a session and runs it again, whole, when others got in its way. Nothing else
commits.
Source: https://www.postgresql.org/docs/18/mvcc-serialization-failure-handling.html
"""

from collections.abc import Awaitable, Callable
from typing import Concatenate

from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_random_exponential

from fastapi_single_process.db.failures import DatabaseError, DatabaseUnavailableError
from fastapi_single_process.db.session import AsyncSession, ReadSession, ReadSessions, Sessions

__all__ = ["run_read", "run_transaction"]

MAX_ATTEMPTS = 5


def _is_worth_retrying(state: RetryCallState) -> bool:
    error = state.outcome and state.outcome.exception()
    if not isinstance(error, DatabaseError) or not error.repeatable:
        return False
    # A new connection is another chance. If it has the same fault, the next one will have it, too.
    return not isinstance(error, DatabaseUnavailableError) or state.attempt_number == 1


async def _run_again[Result](attempt: Callable[[], Awaitable[Result]]) -> Result:
    retrying = AsyncRetrying(
        retry=_is_worth_retrying,
        stop=stop_after_attempt(MAX_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.01, max=0.2),
        reraise=True,
    )
    return await retrying(attempt)


async def run_transaction[**Arguments, Result](
    sessions: Sessions,
    work: Callable[Concatenate[AsyncSession, Arguments], Awaitable[Result]],
    *arguments: Arguments.args,
    **named: Arguments.kwargs,
) -> Result:
    """Run the work in a transaction of its own, whole, until it is committed or out of attempts."""

    async def attempt() -> Result:
        async with sessions.begin() as session:
            return await work(session, *arguments, **named)

    return await _run_again(attempt)


async def run_read[**Arguments, Result](
    sessions: ReadSessions,
    read: Callable[Concatenate[ReadSession, Arguments], Awaitable[Result]],
    *arguments: Arguments.args,
    **named: Arguments.kwargs,
) -> Result:
    """Read in a transaction that can't write; it ends as it began, with nothing to commit."""

    async def attempt() -> Result:
        async with sessions() as session:
            return await read(session, *arguments, **named)

    return await _run_again(attempt)
