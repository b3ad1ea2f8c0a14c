import pytest
from fastapi.testclient import TestClient

from fastapi_single_process.config import Settings
from fastapi_single_process.main import create_app


def test_liveness_asks_nothing_of_the_database() -> None:
    client = TestClient(create_app(Settings()))  # not started: there is no database to ask

    answer = client.get("/api/v1/live")

    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/v1/live"])
def test_head_answers_like_get_without_a_body(client: TestClient, path: str) -> None:
    answer = client.head(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == b""


@pytest.mark.parametrize(
    "path", ["/api/v1/nowhere", "/api/v1", "/api/v1/health/", "/api/v2/health"]
)
def test_an_unknown_path_is_a_404_in_json(client: TestClient, path: str) -> None:
    answer = client.get(path, follow_redirects=False)

    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}


def test_another_method_is_refused_and_a_right_one_is_named(client: TestClient) -> None:
    answer = client.post("/api/v1/health")

    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_the_docs_are_served(client: TestClient) -> None:
    assert client.get("/docs").status_code == 200
    assert "/api/v1/health" in client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_the_docs_can_be_turned_off(path: str) -> None:
    client = TestClient(create_app(Settings(docs_enabled=False)))

    assert client.get(path).status_code == 404
