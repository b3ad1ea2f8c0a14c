"""Transactions that are run again when others get in their way.

Source: https://www.postgresql.org/docs/18/mvcc-serialization-failure-handling.html
"""

from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_random_exponential

from fastapi_single_process.db.failures import DatabaseError, DatabaseUnavailableError
from fastapi_single_process.db.session import AsyncSession, Sessions

__all__ = ["transact"]

ATTEMPTS = 5


def _may_go_well(state: RetryCallState) -> bool:
    error = state.outcome and state.outcome.exception()
    if not isinstance(error, DatabaseError) or not error.repeatable:
        return False
    # A new connection is another chance. If it has the same fault, the next one will have it, too.
    return not isinstance(error, DatabaseUnavailableError) or state.attempt_number == 1


async def transact[Result](
    sessions: Sessions, work: Callable[[AsyncSession], Awaitable[Result]]
) -> Result:
    """Run the work in a transaction of its own, whole, until it is committed or out of attempts."""

    async def attempt() -> Result:
        async with sessions.begin() as session:
            return await work(session)

    retrying = AsyncRetrying(
        retry=_may_go_well,
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.01, max=0.2),
        reraise=True,
    )
    return await retrying(attempt)
