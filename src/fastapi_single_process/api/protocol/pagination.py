"""Lists in pages: by key and not by number, so that a page costs the same at any depth."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.json_schema import SkipJsonSchema

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.api.paths import path_of
from fastapi_single_process.api.protocol.cursors import read_cursor, write_cursor
from fastapi_single_process.db.session import ReadSession, ReadSessions
from fastapi_single_process.db.transactions import run_read
from fastapi_single_process.schemas.page import Page

__all__ = ["PageDep", "make_page"]


class PageParameters(BaseModel):
    """What a client may say about the page that it wants."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="The most items of the page.")
    cursor: str | SkipJsonSchema[None] = Field(
        None,
        max_length=500,
        description="Where the page begins: `next_cursor` of the page before, as it is.",
    )


@dataclass(frozen=True)
class PageRequest:
    """Which page a client wants, and what it takes to make it."""

    sessions: ReadSessions
    response: Response
    secret: SecretStr
    name: str
    """The list's: its route and what is in its path, however the URL is spelled."""
    path: str
    """Where a client finds the list."""
    limit: int
    after: UUID | None
    """The key of the last row that the client has; a number is as many bits of an integer."""


async def read_page_request(
    request: Request,
    response: Response,
    state: StateDep,
    parameters: Annotated[PageParameters, Query()],
) -> PageRequest:
    """Say where the page begins, after the key that the service has signed."""
    settings, cursor = state["settings"], parameters.cursor
    route: str = request.scope["route"].name
    name = " ".join([route, *(value.lower() for value in request.path_params.values())])
    secrets = filter(None, (settings.cursor_secret, settings.former_cursor_secret))
    after = None if cursor is None else UUID(str(read_cursor(secrets, name, cursor)))
    return PageRequest(
        sessions=state["read_sessions"],
        response=response,
        secret=settings.cursor_secret,
        name=name,
        path=path_of(request, route, **request.path_params),
        limit=parameters.limit,
        after=after,
    )


PageDep = Annotated[PageRequest, Depends(read_page_request)]
"""Which page the client wants."""


class Reader(Protocol):
    """Reads the rows that come after a key, no more than a number of them."""

    def __call__(
        self, session: ReadSession, /, *, after: UUID | None, limit: int
    ) -> Awaitable[Sequence[Any]]:
        """Read them."""


async def make_page[Item: BaseModel](
    requested: PageRequest,
    read: Reader,
    show: Callable[[Any], Item],
    *,
    key: Callable[[Any], UUID] = attrgetter("id"),
) -> Page[Item]:
    """Read a page, and one row more, which tells whether another page follows.

    Source of the links: RFC 8288.
    """
    limit = requested.limit
    rows = await run_read(requested.sessions, read, after=requested.after, limit=limit + 1)
    shown = rows[:limit]
    links = [({"limit": str(limit)}, "first")]
    cursor = None
    if len(rows) > limit:
        cursor = write_cursor(requested.secret, requested.name, str(key(shown[-1])))
        links.append(({"limit": str(limit), "cursor": cursor}, "next"))
    requested.response.headers["Link"] = ", ".join(
        f'<{requested.path}?{urlencode(query)}>; rel="{relation}"' for query, relation in links
    )
    return Page(items=[show(row) for row in shown], next_cursor=cursor)
