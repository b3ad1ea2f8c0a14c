"""The OpenAPI document: what clients are made from."""

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from support.container_engine import ROOT
from support.factories import AccountFactory
from support.ledger import ACCOUNTS, TRANSFERS, new_transfer

from fastapi_single_process.api.headers import DEFAULTS
from fastapi_single_process.api.problems.catalogue import PROBLEMS
from fastapi_single_process.db.session import AsyncSession

METHODS = {"get", "post", "put", "patch", "delete"}
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SNAKE_CASE = re.compile(r"[a-z]+(_[a-z]+)*")
OF_EVERY_ANSWER = {"content-type", "content-length", *(name.lower() for name in DEFAULTS)}


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from (methods[method] for method in METHODS & methods.keys())


def contents(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every body that the document describes, with the place where it does."""
    for operation in operations(document):
        bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for name, body in bodies.items():
            for media_type, content in body.get("content", {}).items():
                yield f"{operation['operationId']} {name} {media_type}", content


def examples(document: dict[str, Any], content: dict[str, Any]) -> list[Any]:
    """Give the examples of a body: beside its schema or in it."""
    model = content["schema"].get("$ref", "").rpartition("/")[2]
    own = [one["value"] for one in content.get("examples", {}).values()]
    of_model: list[Any] = document["components"]["schemas"].get(model, {}).get("examples", [])
    return own + of_model


def find(document: dict[str, Any], operation_id: str) -> tuple[str, str]:
    """Give the method and the path of an operation."""
    return next(
        (method, path)
        for path, methods in document["paths"].items()
        for method in METHODS & methods.keys()
        if methods[method]["operationId"] == operation_id
    )


def is_valid(document: dict[str, Any], schema: dict[str, Any], value: object) -> bool:
    validator = jsonschema_rs.validator_for(
        {**schema, "components": document["components"]}, validate_formats=True
    )
    return validator.is_valid(value)


def test_the_committed_document_is_the_one_that_is_served(document: dict[str, Any]) -> None:
    committed = (ROOT / "openapi.json").read_text().splitlines()
    served = json.dumps(document, indent=2).splitlines()

    changes = "\n".join(difflib.unified_diff(committed, served, "openapi.json", "served", n=1))

    assert not changes, f"{changes}\n\nIf it is meant: uv run python scripts/openapi.py"


def test_an_operation_has_the_name_of_a_function(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]

    assert len(set(names)) == len(names)
    assert [name for name in names if not SNAKE_CASE.fullmatch(name)] == []


def test_every_name_on_the_wire_is_in_snake_case(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"].values()
    fields = {name for schema in schemas for name in schema.get("properties", {})}
    parameters = {
        parameter["name"]
        for operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["in"] != "header"
    }

    assert [name for name in fields | parameters if not SNAKE_CASE.fullmatch(name)] == []


def test_everything_is_explained(document: dict[str, Any]) -> None:
    silent = {
        f"{model}.{field}"
        for model, schema in document["components"]["schemas"].items()
        for field, definition in schema.get("properties", {}).items()
        if "description" not in definition
    }

    assert silent == set()


def test_every_body_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    wrong = [
        place
        for place, content in contents(document)
        if not examples(document, content)
        or not all(
            is_valid(document, content["schema"], one) for one in examples(document, content)
        )
    ]

    assert wrong == []


async def test_every_example_of_a_request_is_taken(
    client: AsyncClient, session: AsyncSession, document: dict[str, Any]
) -> None:
    [transfer] = document["components"]["schemas"]["TransferCreate"]["examples"]
    for name in ("source_id", "destination_id"):
        values = {"name": name, "currency": "EUR", "allow_negative": True, "balance": 0}
        await AccountFactory.create_async(id=UUID(transfer[name]), version=1, **values)
    answers = []

    for place, content in contents(document):
        name, _, rest = place.partition(" ")
        if rest.startswith("request"):
            method, path = find(document, name)
            path = path.format(account_id=transfer["source_id"])
            for example in examples(document, content):
                headers = {"If-Match": "*"} if method == "patch" else {}
                answers.append(await client.request(method, path, json=example, headers=headers))

    assert len(answers) == 3
    assert {answer.status_code for answer in answers} == {200, 201}


async def test_every_header_of_an_answer_is_documented(
    client: AsyncClient, document: dict[str, Any]
) -> None:
    body = await new_transfer(client)
    account, key = f"{ACCOUNTS}/{body['source_id']}", {"Idempotency-Key": "a key"}
    name, version = {"name": "Till"}, {"If-Match": '"1"'}
    answers = {
        "create_account": [await client.post(ACCOUNTS, json=name | {"currency": "EUR"})],
        "create_transfer": [await client.post(TRANSFERS, json=body, headers=key) for _ in "12"],
        "get_account": [
            await client.get(account),
            await client.get(account, headers={"If-None-Match": "*"}),
        ],
        "update_account": [
            await client.patch(account, json=name, headers={"If-Match": "*"}),
            await client.patch(account, json=name, headers=version),
        ],
        "list_accounts": [await client.get(ACCOUNTS)],
        "list_entries": [await client.get(f"{account}/entries")],
        "list_transfers": [await client.get(TRANSFERS)],
    }

    for operation_id, given in answers.items():
        method, path = find(document, operation_id)
        for answer in given:
            response = document["paths"][path][method]["responses"][str(answer.status_code)]
            headers = {
                name.lower(): header["required"]
                for name, header in response.get("headers", {}).items()
            }
            sent = answer.headers.keys() - OF_EVERY_ANSWER
            assert sent <= headers.keys()
            assert {name for name, required in headers.items() if required} <= sent
            for name in {"Location", "Link"} & response.get("headers", {}).keys():
                [example] = response["headers"][name]["schema"]["examples"]
                assert ID.sub("", answer.headers[name]).startswith(ID.sub("", example))


def test_what_is_required_is_said_to_be(document: dict[str, Any]) -> None:
    method, path = find(document, "update_account")

    required = {
        parameter["name"]
        for parameter in document["paths"][path][method]["parameters"]
        if parameter["required"]
    }

    assert required == {"account_id", "If-Match"}


def test_every_error_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    kinds = {
        example["type"]
        for place, content in contents(document)
        if place.endswith("application/problem+json")
        for example in examples(document, content)
    }

    # The one that belongs to no operation.
    everywhere = {PROBLEMS["method-not-allowed"].uri}
    assert kinds | everywhere == {problem.uri for problem in PROBLEMS.values()}
