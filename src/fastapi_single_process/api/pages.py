"""Lists in pages: by key and not by number, so that a page costs the same at any depth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.json_schema import SkipJsonSchema

from fastapi_single_process.api.cursors import read_cursor, write_cursor
from fastapi_single_process.api.dependencies import AppState
from fastapi_single_process.api.paths import path_of
from fastapi_single_process.schemas.page import Page

__all__ = ["PageRequest", "make_page"]


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
class RequestedPage:
    """Which page a client wants."""

    secret: SecretStr
    name: str
    """The list's: its route and what is in its path, however the URL is spelled."""
    path: str
    """Where a client finds the list."""
    limit: int
    after: UUID | None
    """The key of the last row that the client has; a number is as many bits of an integer."""


async def read_page_request(
    request: Request, state: AppState, parameters: Annotated[PageParameters, Query()]
) -> RequestedPage:
    """Say where the page begins, after the key that the service has signed."""
    settings, cursor = state["settings"], parameters.cursor
    route: str = request.scope["route"].name
    name = " ".join([route, *(value.lower() for value in request.path_params.values())])
    secrets = filter(None, (settings.cursor_secret, settings.former_cursor_secret))
    after = None if cursor is None else UUID(str(read_cursor(secrets, name, cursor)))
    path = path_of(request, route, **request.path_params)
    return RequestedPage(settings.cursor_secret, name, path, parameters.limit, after)


PageRequest = Annotated[RequestedPage, Depends(read_page_request)]
"""Which page the client wants."""


def make_page[Item: BaseModel](
    requested: RequestedPage,
    response: Response,
    rows: Sequence[Any],
    read: Callable[[Any], Item],
    *,
    key: Callable[[Any], UUID] = attrgetter("id"),
) -> Page[Item]:
    """Make a page of rows, of which there is one more than fits if another page follows.

    Source of the links: RFC 8288.
    """
    shown = rows[: requested.limit]
    links = [({"limit": str(requested.limit)}, "first")]
    cursor = None
    if len(rows) > requested.limit:
        cursor = write_cursor(requested.secret, requested.name, str(key(shown[-1])))
        links.append(({"limit": str(requested.limit), "cursor": cursor}, "next"))
    response.headers["Link"] = ", ".join(
        f'<{requested.path}?{urlencode(query)}>; rel="{relation}"' for query, relation in links
    )
    return Page(items=[read(row) for row in shown], next_cursor=cursor)
