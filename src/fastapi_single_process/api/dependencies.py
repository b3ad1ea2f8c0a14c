"""What a route may ask for."""

from collections.abc import AsyncIterator
from typing import Annotated, TypedDict

from fastapi import Depends, Request

from fastapi_single_process.config import Settings
from fastapi_single_process.db.session import AsyncSession, Sessions

__all__ = ["AppState", "Session", "State"]


class State(TypedDict):
    """What lives as long as the application; made when it starts."""

    settings: Settings
    sessions: Sessions
    health_sessions: Sessions


# Not def: FastAPI would send each request through a thread, and there are forty of them.
async def get_state(request: Request) -> State:
    """Give what the lifespan made, with its types."""
    state: State = request.scope["state"]
    return state


AppState = Annotated[State, Depends(get_state)]
"""The application's settings and its source of sessions."""


async def open_session(state: AppState) -> AsyncIterator[AsyncSession]:
    """Give the request its transaction: committed if the route returns, else rolled back."""
    async with state["sessions"].begin() as session:
        yield session


# scope="function": the commit comes before the response, so that the client of a failed commit
# is told. Without it, a dependency ends after the response has been sent.
# https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/
Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
"""The request's transaction, for reads and for a write that is safe to send again.

A POST takes ``run_idempotent``, and what may have to be run again ``transact``: those commit, too.
"""
