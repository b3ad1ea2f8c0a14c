"""How a request must be written: what isn't so is refused, with the problem that says why."""

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import AsyncClient, Response
from hypothesis import example, given
from hypothesis import strategies as st

from fastapi_single_process.api.protocol.requests import ContractRoute, accepts_json
from fastapi_single_process.config import Settings
from fastapi_single_process.schemas.base import RequestModel

JSON = {"content-type": "application/json"}
RIGHT = b'{"count": 1, "name": "a"}'


class Order(RequestModel):
    count: int
    name: str = "nobody"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"max_body_size": 100_000})


@pytest.fixture(autouse=True)
def orders(app: FastAPI) -> None:
    """Give the application a route of its contract that takes a body."""
    router = APIRouter(route_class=ContractRoute)

    @router.post("/orders")
    async def add(order: Order, limit: int = 1) -> int:
        return order.count

    app.include_router(router)


def assert_problem(answer: Response, status: int, slug: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")


@pytest.mark.parametrize(
    "body",
    [
        b'{"count": NaN}',
        b'{"count": -Infinity}',
        b'{"count": 1' + b"0" * 5000 + b"}",
        b'{"count": 1, "count": 2}',
        b'{"count": 1, "name": "\xff"}',
        b'{"count": 1, "name": "\\ud800"}',
        b"[" * 90_000,
        b"[[" + b"[" * 45_000 + b"]" * 45_000,
        '{"count": 1}'.encode("utf-16"),
        b'\xef\xbb\xbf{"count": 1}',
        b'{"count": 1',
        b"{'count': 1}",
        b'{"count": 1} {}',
    ],
    ids=lambda body: f"{body[:32]!r}{len(body)}",
)
async def test_what_is_no_json_is_a_400(client: AsyncClient, body: bytes) -> None:
    answer = await client.post("/orders", content=body, headers=JSON)

    assert_problem(answer, 400, "malformed-json")
    assert "at line 1 column" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", ""),
        (b"null", ""),
        (b"[]", ""),
        (b'"count"', ""),
        (b"{}", "/count"),
        (b'{"count": "1"}', "/count"),
        (b'{"count": 1.0}', "/count"),
        (b'{"count": 1e400}', "/count"),
        (b'{"count": 1' + b"0" * 4000 + b".5}", "/count"),
        (b'{"count": 1, "name": ["a"]}', "/name"),
        (b'{"count": 1, "a/b~c": 2}', "/a~1b~0c"),
    ],
    ids=lambda value: repr(value[:32]) + str(len(value)),
)
async def test_what_does_not_fit_is_a_422_with_its_place(
    client: AsyncClient, body: bytes, pointer: str
) -> None:
    answer = await client.post("/orders", content=body, headers=JSON)

    assert_problem(answer, 422, "invalid-request")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("code", ["EUX", "XXX", "XTS", "DEM", "eur", "EURO", "", "978"])
async def test_a_currency_that_there_is_not_is_a_422(client: AsyncClient, code: str) -> None:
    answer = await client.post("/api/v1/accounts", json={"name": "Till", "currency": code})

    assert_problem(answer, 422, "invalid-request")
    [error] = answer.json()["errors"]
    assert error == {
        "pointer": "/currency",
        "detail": "Input should be a currency code of ISO 4217",
    }


@pytest.mark.parametrize("code", ["EUR", "USD", "JPY", "KWD", "XAU"])
async def test_a_currency_that_there_is_can_be_held(client: AsyncClient, code: str) -> None:
    answer = await client.post("/api/v1/accounts", json={"name": "Till", "currency": code})

    assert answer.status_code == 201


async def test_a_parameter_that_does_not_fit_is_named(client: AsyncClient) -> None:
    answer = await client.post("/orders?limit=many", content=RIGHT, headers=JSON)

    assert_problem(answer, 422, "invalid-request")
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["location"]) == ("limit", "query")
    assert "many" not in answer.text


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json;",
        "application/json; charset=UTF-8;",
        "application/json;;charset=utf-8",
    ],
)
async def test_a_content_type_may_name_utf_8(client: AsyncClient, content_type: str) -> None:
    answer = await client.post("/orders", content=RIGHT, headers={"content-type": content_type})

    assert answer.status_code == 200


@pytest.mark.parametrize("coding", ["identity", "Identity", " IDENTITY "])
async def test_what_is_not_packed_may_say_so(client: AsyncClient, coding: str) -> None:
    headers = {**JSON, "content-encoding": coding}

    answer = await client.post("/orders", content=RIGHT, headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/jsonx"},
        {"content-type": "application/problem+json"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json charset=utf-8"},
        {"content-type": "application/x-www-form-urlencoded"},
        {**JSON, "content-encoding": "gzip"},
    ],
    ids=str,
)
async def test_another_type_of_body_is_a_415(client: AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/orders", content=RIGHT, headers=headers)

    assert_problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/*",
        "application/json",
        "APPLICATION/JSON; q=0.1",
        "text/html, */*;q=0.1",
        "application/json;version=1",
        "",
        ";",
        "application/json;q=very",
        "application/json;q=1.1.1",
    ],
)
async def test_who_accepts_json_is_answered(client: AsyncClient, accept: str) -> None:
    answer = await client.get("/api/v1/live", headers={"accept": accept})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/json;q=0",
        "application/json; q=0.0, */*",
        "application/*;q=0, */*",
        "application/jsonx",
        "application/problem+json",
    ],
)
async def test_who_does_not_accept_json_gets_a_406(client: AsyncClient, accept: str) -> None:
    answer = await client.get("/api/v1/live", headers={"accept": accept})

    assert_problem(answer, 406, "not-acceptable")


@given(st.text())
@example("a/b;q=1.1.1")
@example("a" * 60_000)
@example(" " * 60_000)
def test_any_accept_header_can_be_read(accept: str) -> None:
    assert accepts_json([accept]) in (True, False)


@pytest.mark.parametrize(
    "name", ["content-type", "content-length", "Idempotency-Key", "If-Match", "If-None-Match"]
)
async def test_a_header_that_counts_may_come_once(client: AsyncClient, name: str) -> None:
    twice = [(name, "1"), (name.upper(), "1")]

    answer = await client.get("/api/v1/live", headers=twice)

    assert_problem(answer, 400, "malformed-header")
    assert name.lower() in answer.json()["detail"]


@pytest.mark.parametrize("length", ["-1", "1_0", "+1", "1.0", "", "0x10", "\u0661"])
async def test_a_length_that_is_no_number_is_a_400(client: AsyncClient, length: str) -> None:
    headers = {b"content-length": length.encode()}

    answer = await client.post("/api/v1/live", headers=headers)

    assert_problem(answer, 400, "malformed-header")


@pytest.mark.parametrize("length", ["100001", "1" + "0" * 5000])
async def test_a_body_that_is_said_to_be_too_large_is_not_waited_for(
    client: AsyncClient, length: str
) -> None:
    answer = await client.post("/orders", headers={**JSON, "content-length": length})

    assert_problem(answer, 413, "content-too-large")


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 25_000


async def test_a_body_in_chunks_is_counted(client: AsyncClient) -> None:
    too_large = await client.post("/orders", content=chunks(5), headers=JSON)
    allowed = await client.post("/orders", content=chunks(4), headers=JSON)

    assert_problem(too_large, 413, "content-too-large")
    assert_problem(allowed, 400, "malformed-json")


async def test_a_body_of_the_largest_size_is_read(client: AsyncClient) -> None:
    answer = await client.post("/orders", content=RIGHT.ljust(100_000), headers=JSON)

    assert answer.status_code == 200
