"""The headers that every answer has."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["DEFAULTS", "DefaultHeaders"]

DEFAULTS = {
    # A balance is no cache's to keep: without a word, RFC 9111 lets one keep it for a while.
    "Cache-Control": "no-store",
    # What is sent as JSON is never looked at as if it were a page.
    # https://fetch.spec.whatwg.org/#x-content-type-options-header
    "X-Content-Type-Options": "nosniff",
}
"""Each holds for an answer that doesn't say otherwise."""


class DefaultHeaders:
    """Middleware that gives an answer the headers that it lacks."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on the request, and watch the answer begin."""

        async def send_with_defaults(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in DEFAULTS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_defaults)
