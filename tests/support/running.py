"""The application, started, and a client that talks to it."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Thread

import uvicorn
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import Receive, Scope, Send

from support.queries import within_budget

__all__ = ["running", "serving"]


class BudgetedTransport(ASGITransport):
    """Holds each request to its endpoint's budget of statements."""

    async def handle_async_request(self, request: Request) -> Response:
        with within_budget(request.method, request.url.path):
            return await super().handle_async_request(request)


@asynccontextmanager
async def running(
    app: FastAPI, outer: AsyncConnection | None = None, *, raise_app_exceptions: bool = True
) -> AsyncIterator[AsyncClient]:
    """Start the application, give a client and stop it.

    Its sessions are its own. With ``outer``, a connection inside a transaction, they work there in
    place of the pool, each of their transactions is a savepoint, and each request is held to its
    budget: nobody is there to make it try again. An error that nothing handles is raised here;
    without ``raise_app_exceptions`` the client sees the 500.
    """
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        if outer is not None:
            for sessions in (state["sessions"], state["read_sessions"]):
                sessions.configure(bind=outer, join_transaction_mode="create_savepoint")

        # The transport runs no lifespan, so a request lacks what the lifespan made.
        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state)}, receive, send)

        transport_class = ASGITransport if outer is None else BudgetedTransport
        transport = transport_class(with_state, raise_app_exceptions=raise_app_exceptions)
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve the application over HTTP, on a free port beside the test, and give its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    # A socket that doesn't say TCP keeps Nagle's algorithm in asyncio: 40 ms for each answer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        # It listens already: who connects before the server is up waits and needn't try again.
        listening.listen()
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
