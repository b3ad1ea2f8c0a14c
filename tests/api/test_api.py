import pytest
from httpx2 import AsyncClient
from support.running import running

from fastapi_single_process.config import Settings
from fastapi_single_process.main import create_app

NOWHERE = "postgresql+asyncpg://app:hunter2@127.0.0.1:1/app"


async def test_liveness_asks_nothing_of_the_database() -> None:
    app = create_app(Settings.model_validate({"database_url": NOWHERE}))

    async with running(app) as client:
        answer = await client.get("/api/v1/live")

    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/v1/live"])
async def test_head_answers_like_get_without_a_body(client: AsyncClient, path: str) -> None:
    answer = await client.head(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == b""


@pytest.mark.parametrize(
    "path", ["/api/v1/nowhere", "/api/v1", "/api/v1/health/", "/api/v2/health"]
)
async def test_an_unknown_path_is_a_404(client: AsyncClient, path: str) -> None:
    answer = await client.get(path, follow_redirects=False)

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


async def test_another_method_is_refused_and_the_right_ones_are_named(client: AsyncClient) -> None:
    answer = await client.post("/api/v1/health")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


async def test_the_docs_are_served(client: AsyncClient) -> None:
    assert (await client.get("/docs")).status_code == 200
    assert "/api/v1/health" in (await client.get("/openapi.json")).json()["paths"]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
async def test_the_docs_can_be_turned_off(settings: Settings, path: str) -> None:
    app = create_app(settings.model_copy(update={"docs_enabled": False}))

    async with running(app) as client:
        assert (await client.get(path)).status_code == 404
