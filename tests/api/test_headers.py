"""What is said with every answer."""

import pytest
from fastapi import FastAPI, Response
from httpx2 import AsyncClient
from support.running import running

from fastapi_single_process.api.headers import DEFAULTS


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/live"),
        ("GET", "/api/v1/accounts"),
        ("POST", "/api/v1/accounts"),
        ("GET", "/nowhere"),
        ("GET", "/defect"),
        ("GET", "/openapi.json"),
        ("GET", "/problems/"),
        ("HEAD", "/api/v1/live"),
    ],
)
async def test_no_cache_keeps_an_answer_and_nobody_guesses_its_type(
    app: FastAPI, method: str, path: str
) -> None:
    @app.get("/defect")
    async def fail() -> None:
        raise RuntimeError

    async with running(app, raise_app_exceptions=False) as client:
        answer = await client.request(method, path, content=b"{")

    said = {name: answer.headers.get(name) for name in DEFAULTS}
    assert said == {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def test_what_a_route_says_itself_stays(app: FastAPI, client: AsyncClient) -> None:
    @app.get("/kept")
    async def keep(response: Response) -> None:
        response.headers["Cache-Control"] = "max-age=60"

    assert (await client.get("/kept")).headers.get_list("cache-control") == ["max-age=60"]
