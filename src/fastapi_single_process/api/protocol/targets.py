"""The two forms of a request target that no route knows.

Source: RFC 9112, section 3.2, https://www.rfc-editor.org/rfc/rfc9112
"""

import re
from urllib.parse import unquote

from fastapi import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi_single_process.api.paths import prefix_of

__all__ = ["RequestTargets"]

ABSOLUTE = re.compile(rb"https?://([^/?#]+)(/.*)?", re.IGNORECASE | re.DOTALL)


class RequestTargets:
    """Middleware that reads the absolute form, and answers ``OPTIONS *``.

    The server hands on what stood in the first line of the request, as if it were a path.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request with its path, and nothing else, as its target."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        target = scope.get("raw_path", b"").removeprefix(prefix_of(scope).encode())
        if target == b"*" and scope["method"] == "OPTIONS":
            # Asked of the server and not of a resource: that it answers is the answer.
            await Response(status_code=204)(scope, receive, send)
        elif absolute := ABSOLUTE.fullmatch(target):
            await self.app(_in_origin_form(scope, *absolute.groups()), receive, send)
        else:
            await self.app(scope, receive, send)


def _in_origin_form(scope: Scope, authority: bytes, path: bytes | None) -> Scope:
    # Section 3.2.2: the target's host counts, and a Host header is ignored.
    headers = [one for one in scope["headers"] if one[0] != b"host"]
    prefix, path = prefix_of(scope), path or b"/"
    return {
        **scope,
        "path": prefix + unquote(path.decode("ascii")),
        "raw_path": prefix.encode() + path,
        "headers": [(b"host", authority), *headers],
    }
