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

from fastapi_single_process.api import problems
from fastapi_single_process.api.errors import MEDIA_TYPE
from fastapi_single_process.api.problems import PROBLEMS, ProblemType
from fastapi_single_process.schemas.problem import Problem

__all__ = [
    "ANY",
    "BODY",
    "ETAG",
    "KEY",
    "PAGE",
    "REPLAYED",
    "STORED",
    "Service",
    "link",
    "location",
    "name_operation",
    "responses",
    "success",
]

ANY = (problems.MALFORMED_HEADER, problems.NOT_ACCEPTABLE, problems.INTERNAL_ERROR)
"""What every operation may answer."""
STORED = (*ANY, problems.TOO_BUSY, problems.DATABASE_UNAVAILABLE)
"""What an operation on the database may answer."""
BODY = (
    problems.MALFORMED_JSON,
    problems.MALFORMED_REQUEST,
    problems.CONTENT_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
)
"""What an operation that takes a body may answer."""

KEY = (problems.KEY_REQUIRED, problems.KEY_REUSED, problems.KEY_IN_USE)
"""What an operation that takes a key may answer."""

PAGE = (problems.INVALID_CURSOR, problems.INVALID_REQUEST)
"""What a list may answer."""

SCHEMAS = "#/components/schemas/{model}"


@dataclass(frozen=True)
class AnswerHeader:
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


ETAG = AnswerHeader("ETag", "The version of the resource, for `If-Match`.", '"7"')
REPLAYED = AnswerHeader(
    "Idempotent-Replayed", "`true`: the answer to an earlier request with this key.", "true", False
)
RETRY_AFTER = AnswerHeader("Retry-After", "How long to wait, in seconds.", 1)


def location(example: str) -> AnswerHeader:
    """Say where what was made is."""
    return AnswerHeader("Location", "Where the new resource is.", example)


def link(path: str) -> AnswerHeader:
    """Say where the pages of the list at a path are."""
    description = "The `first` page, and the `next` one if there is one (RFC 8288)."
    return AnswerHeader("Link", description, f'<{path}?limit=50>; rel="first"')


def success(status: HTTPStatus, *headers: AnswerHeader) -> dict[int | str, dict[str, Any]]:
    """Document the headers of an answer, for the ``responses`` of its route."""
    return {status: _headers(headers)}


def _headers(headers: Iterable[AnswerHeader]) -> dict[str, Any]:
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
        **(_headers([RETRY_AFTER]) if retried else {}),
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
        detail=problem.meaning.replace("`", ""),
        instance="urn:uuid:5b0fdb5c-1c0e-4d8c-9b0a-3f6b8c1d2e4f",
    ).model_dump(exclude_none=True)


def name_operation(route: APIRoute) -> str:
    """Name an operation as its function is named: the method of a generated client."""
    return route.name


class Service(FastAPI):
    """An application whose OpenAPI document knows the schema of the problems."""

    def openapi(self) -> dict[str, Any]:
        """Give the document."""
        document = super().openapi()
        _, schema = models_json_schema([(Problem, "serialization")], ref_template=SCHEMAS)
        document.setdefault("components", {}).setdefault("schemas", {}).update(schema["$defs"])
        return document
