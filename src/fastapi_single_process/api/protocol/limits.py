"""What is refused before any route is asked: bodies that are too large, ambiguous headers."""

from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.exception import ProblemError
from fastapi_single_process.api.problems.response import problem_response

__all__ = ["RequestGuard"]

SINGLE = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"idempotency-key",
        b"if-match",
        b"if-none-match",
    }
)
"""Of these, two values would leave it to chance which one counts."""


class RequestGuard:
    """Middleware that counts a body's bytes, and the headers that may come once.

    Pure ASGI: it holds no request in memory. FastAPI's own ``max_body_size`` answers in plain text,
    past the error handlers.
    """

    def __init__(self, app: ASGIApp, *, max_body_size: int) -> None:
        """Wrap an application; the limit is in bytes."""
        self.app = app
        self.max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what can be refused by its headers, and watch the rest come in."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            self._check_headers(scope)
        except ProblemError as error:
            await problem_response(scope, error)(scope, receive, send)
            return
        size = 0

        async def receive_counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            self._check_size(size)
            return message

        await self.app(scope, receive_counted, send)

    def _check_headers(self, scope: Scope) -> None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        counts = Counter(name for name, _ in headers if name in SINGLE)
        for name, count in counts.items():
            if count > 1:
                detail = f"{name.decode()} comes {count} times; send it once."
                raise ProblemError(catalogue.MALFORMED_HEADER, detail)
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in headers}:
            # RFC 9112, section 6.1: two readers may see two requests here. What follows on the
            # connection can't be trusted, so it ends.
            detail = "Send content-length or transfer-encoding, and not both."
            close = {"Connection": "close"}
            raise ProblemError(catalogue.MALFORMED_HEADER, detail, headers=close)
        length = dict(headers).get(b"content-length", b"0")
        if not length.isdigit():
            detail = "content-length is a number of bytes, in decimal digits."
            raise ProblemError(catalogue.MALFORMED_HEADER, detail)
        # int() refuses more than 4,300 digits; a length of 20 is beyond every limit.
        self._check_size(int(length.lstrip(b"0")[:20] or b"0"))

    def _check_size(self, size: int) -> None:
        if size > self.max_body_size:
            detail = f"The limit is {self.max_body_size} bytes."
            raise ProblemError(catalogue.CONTENT_TOO_LARGE, detail)
