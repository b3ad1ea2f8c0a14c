"""The OpenAPI document: what FastAPI finds in the routes, the headers and the problems.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.catalogue import PROBLEMS, ProblemType
from fastapi_single_process.api.problems.response import MEDIA_TYPE
from fastapi_single_process.schemas.problem import Problem

__all__ = [
    "BODY_PROBLEMS",
    "COMMON_PROBLEMS",
    "DATABASE_PROBLEMS",
    "ETAG_HEADER",
    "KEY_PROBLEMS",
    "LINK",
    "LOCATION",
    "PAGE_PROBLEMS",
    "REPLAYED_HEADER",
    "ProblemAPI",
    "documented",
    "name_operation",
    "responses",
]

COMMON_PROBLEMS = (catalogue.MALFORMED_HEADER, catalogue.NOT_ACCEPTABLE, catalogue.INTERNAL_ERROR)
"""What every operation may answer."""
DATABASE_PROBLEMS = (*COMMON_PROBLEMS, catalogue.TOO_BUSY, catalogue.DATABASE_UNAVAILABLE)
"""What an operation on the database may answer."""
BODY_PROBLEMS = (
    catalogue.MALFORMED_JSON,
    catalogue.MALFORMED_REQUEST,
    catalogue.CONTENT_TOO_LARGE,
    catalogue.UNSUPPORTED_MEDIA_TYPE,
    catalogue.INVALID_REQUEST,
)
"""What an operation that takes a body may answer."""

KEY_PROBLEMS = (catalogue.KEY_REQUIRED, catalogue.KEY_REUSED, catalogue.KEY_IN_USE)
"""What an operation that takes a key may answer."""

PAGE_PROBLEMS = (catalogue.INVALID_CURSOR, catalogue.INVALID_REQUEST)
"""What a list may answer."""

ACCOUNT_ID = "01a20600-0000-7000-8000-000000000001"
SCHEMAS = "#/components/schemas/{model}"


@dataclass(frozen=True)
class ResponseHeader:
    """A header of an answer."""

    name: str
    description: str
    example: str | int
    required: bool = True

    def document(self) -> dict[str, Any]:
        """Give it as a Header Object."""
        kind = "integer" if isinstance(self.example, int) else "string"
        return {
            "description": self.description,
            "required": self.required,
            "schema": {"type": kind, "examples": [self.example]},
        }


ETAG_HEADER = ResponseHeader("ETag", "The version of the resource, for `If-Match`.", '"7"')
REPLAYED_HEADER = ResponseHeader(
    "Idempotent-Replayed",
    "`true`: the answer to an earlier request with this key.",
    "true",
    required=False,
)
RETRY_AFTER_HEADER = ResponseHeader("Retry-After", "How long to wait, in seconds.", 1)


LOCATION = ResponseHeader("Location", "Where the new resource is.", "")
LINK = ResponseHeader(
    "Link", "The `first` page, and the `next` one if there is one (RFC 8288).", ""
)
# The examples of these two are made from the path of their operation: see ``ProblemAPI``.


def documented(
    statuses: HTTPStatus | Sequence[HTTPStatus],
    headers: Sequence[ResponseHeader] = (),
    problems: Iterable[ProblemType] = (),
) -> dict[int | str, dict[str, Any]]:
    """Document an operation on the database, for the ``responses`` of its route.

    What succeeds has the headers; what fails is one of the problems, or one of STORED.
    """
    good = [statuses] if isinstance(statuses, HTTPStatus) else statuses
    successes: dict[int | str, dict[str, Any]] = {one: _headers(headers) for one in good if headers}
    return {**successes, **responses(*DATABASE_PROBLEMS, *problems)}


def _headers(headers: Iterable[ResponseHeader]) -> dict[str, Any]:
    return {"headers": {header.name: header.document() for header in headers}}


def responses(*kinds: ProblemType) -> dict[int | str, dict[str, Any]]:
    """Document the problems of an operation, for the ``responses`` of its route."""
    order = sorted(set(kinds), key=list(PROBLEMS.values()).index)
    by_status = groupby(sorted(order, key=_status), key=_status)
    return {status: _document(list(of_status)) for status, of_status in by_status}


def _status(problem: ProblemType) -> int:
    return problem.status.value


def _document(kinds: Sequence[ProblemType]) -> dict[str, Any]:
    examples = {kind.slug: {"summary": kind.title, "value": example(kind)} for kind in kinds}
    retried = any(kind.status is HTTPStatus.SERVICE_UNAVAILABLE for kind in kinds)
    return {
        **(_headers([RETRY_AFTER_HEADER]) if retried else {}),
        "description": "; ".join(f"{kind.title} (`{kind.uri}`)" for kind in kinds),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": SCHEMAS.format(model=Problem.__name__)},
                "examples": examples,
            }
        },
    }


def example(problem: ProblemType) -> dict[str, Any]:
    """Give a problem as a client may get it."""
    return Problem(
        type=problem.uri,
        title=problem.title,
        status=problem.status,
        detail=problem.plain_meaning,
        instance="urn:uuid:5b0fdb5c-1c0e-4d8c-9b0a-3f6b8c1d2e4f",
    ).model_dump(exclude_none=True)


def name_operation(route: APIRoute) -> str:
    """Name an operation as its function is named: the method of a generated client."""
    return route.name


class ProblemAPI(FastAPI):
    """An application whose OpenAPI document knows the schema of the problems."""

    def openapi(self) -> dict[str, Any]:
        """Give the document."""
        document = super().openapi()
        _, schema = models_json_schema([(Problem, "serialization")], ref_template=SCHEMAS)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(schema["$defs"])
        for path, operations in document["paths"].items():
            for operation in operations.values():
                for response in operation["responses"].values():
                    _place(response, path.replace("{account_id}", ACCOUNT_ID), schemas)
        return document


def _place(response: dict[str, Any], path: str, schemas: dict[str, Any]) -> None:
    """Give the headers that hold a path an example, made from the path of their operation."""
    headers = response.get("headers", {})
    if "Link" in headers:
        headers["Link"]["schema"]["examples"] = [f'<{path}?limit=50>; rel="first"']
    if "Location" in headers:
        made = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        place = f"{path}/{schemas[made]['examples'][0]['id']}"
        headers["Location"]["schema"]["examples"] = [place]
