"""What a route may ask for.

A route that reads calls ``run_read(state["read_sessions"], ...)``, a POST ``run_idempotent``, and
any other that writes ``run_transaction(state["sessions"], ...)``. Each ends its transaction before
the response is sent: the client of a failed commit is told.
"""

from typing import Annotated, TypedDict

from fastapi import Depends, Request

from fastapi_single_process.config import Settings
from fastapi_single_process.db.session import ReadSessions, Sessions

__all__ = ["State", "StateDep"]


class State(TypedDict):
    """What lives as long as the application; made when it starts."""

    settings: Settings
    sessions: Sessions
    read_sessions: ReadSessions
    health_sessions: Sessions


# Not def: FastAPI would send each request through a thread, and there are forty of them.
async def get_state(request: Request) -> State:
    """Give what the lifespan made, with its types."""
    state: State = request.scope["state"]
    return state


StateDep = Annotated[State, Depends(get_state)]
"""The application's settings and its sources of sessions."""
