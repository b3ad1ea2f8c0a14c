"""What a client sends is exactly what was asked for, or it is refused."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import BaseModel, Strict

from fastapi_single_process.schemas.base import RequestModel

RIGHT = {"id": str(uuid4()), "count": 1, "name": "a"}


class Order(RequestModel):
    """A request as they ought to be."""

    id: Annotated[UUID, Strict(False)]
    count: int
    name: str
    urgent: bool = False


@pytest.fixture
def orders(app: FastAPI) -> None:
    """Give the application a route that takes such a request."""

    @app.post("/orders")
    async def add(order: Order) -> int:
        return order.count


def subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from subclasses(one)


def named_in(part: object) -> set[str]:
    return set(re.findall(r"#/components/schemas/([^\"]+)", json.dumps(part)))


def loose(document: dict[str, Any]) -> set[str]:
    """Name what a document lets a client send that is no RequestModel, nested models included."""
    operations = [one for path in document["paths"].values() for one in path.values()]
    contents = [one["requestBody"]["content"] for one in operations if "requestBody" in one]
    bodies = [media["schema"] for content in contents for media in content.values()]
    sent, models = named_in(bodies), document["components"]["schemas"]
    while nested := named_in([models[name] for name in sent]) - sent:
        sent |= nested
    objects = {name for name in sent if models[name].get("type") == "object"}
    strict = {one.__name__ for one in subclasses(RequestModel)}
    return objects - strict | {str(body) for body in bodies if "$ref" not in body}


def test_every_request_is_a_strict_one(app: FastAPI) -> None:
    assert loose(app.openapi()) == set()


def test_a_loose_request_is_found(app: FastAPI) -> None:
    class Line(BaseModel):
        count: int

    class Basket(RequestModel):
        lines: list[Line]

    @app.post("/basket")
    async def add(basket: Basket) -> None: ...

    @app.post("/numbers")
    async def add_numbers(numbers: list[int]) -> None: ...

    found = loose(app.openapi())

    assert "Line" in found
    assert any("integer" in one for one in found - {"Line"})
    assert len(found) == 2


@pytest.mark.usefixtures("orders")
async def test_what_fits_is_taken(client: AsyncClient) -> None:
    answer = await client.post("/orders", json=RIGHT)

    assert answer.status_code == 200
    assert answer.json() == 1


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", "1"),
        ("count", 1.0),
        ("count", True),
        ("count", None),
        ("name", 1),
        ("urgent", "yes"),
        ("urgent", 1),
        ("id", "no UUID"),
        ("id", 1),
        ("ugrent", True),
    ],
)
async def test_what_does_not_fit_is_refused_and_named(
    client: AsyncClient, field: str, value: object
) -> None:
    answer = await client.post("/orders", json=RIGHT | {field: value})

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
