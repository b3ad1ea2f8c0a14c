"""HEAD, wherever there is GET."""

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

__all__ = ["HeadRoute"]


class HeadRoute(APIRoute):
    """A route whose GET answers HEAD, too; the OpenAPI document says nothing of it.

    A general-purpose server supports both: RFC 9110, section 9.1. The server leaves the body out.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take HEAD where there is GET."""
        return super().matches(self._as_get(scope))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer HEAD as GET."""
        await super().handle(self._as_get(scope), receive, send)

    def _as_get(self, scope: Scope) -> Scope:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        return {**scope, "method": "GET"} if is_head else scope
