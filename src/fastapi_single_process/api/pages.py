"""Lists in pages: by key and not by number, so that a page costs the same at any depth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.json_schema import SkipJsonSchema

from fastapi_single_process.api.cursors import read_cursor, write_cursor
from fastapi_single_process.api.dependencies import AppState
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
    path: str
    limit: int
    after: UUID | None


async def read_page_request(
    request: Request, state: AppState, parameters: Annotated[PageParameters, Query()]
) -> RequestedPage:
    """Say where the page begins, after the key that the service has signed."""
    secret, path, cursor = state["settings"].cursor_secret, request.url.path, parameters.cursor
    after = None if cursor is None else UUID(str(read_cursor(secret, path, cursor)))
    return RequestedPage(secret, path, parameters.limit, after)


PageRequest = Annotated[RequestedPage, Depends(read_page_request)]
"""Which page the client wants."""


def make_page[Item: BaseModel](
    requested: RequestedPage, response: Response, rows: Sequence[Any], read: Callable[[Any], Item]
) -> Page[Item]:
    """Make a page of rows, of which there is one more than fits if another page follows.

    Source of the links: RFC 8288.
    """
    shown = rows[: requested.limit]
    links = [({"limit": str(requested.limit)}, "first")]
    cursor = None
    if len(rows) > requested.limit:
        cursor = write_cursor(requested.secret, requested.path, str(shown[-1].id))
        links.append(({"limit": str(requested.limit), "cursor": cursor}, "next"))
    response.headers["Link"] = ", ".join(
        f'<{requested.path}?{urlencode(query)}>; rel="{relation}"' for query, relation in links
    )
    return Page(items=[read(row) for row in shown], next_cursor=cursor)
