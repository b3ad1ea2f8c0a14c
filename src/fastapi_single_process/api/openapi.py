"""The OpenAPI document: what FastAPI finds in the routes, and the problems.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from fastapi_single_process.api import problems
from fastapi_single_process.api.errors import MEDIA_TYPE
from fastapi_single_process.api.problems import PROBLEMS, ProblemType
from fastapi_single_process.schemas.problem import Problem

__all__ = ["ANY", "BODY", "PAGE", "STORED", "Service", "name_operation", "responses"]

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

PAGE = (problems.INVALID_CURSOR, problems.INVALID_REQUEST)
"""What a list may answer."""

SCHEMAS = "#/components/schemas/{model}"


def responses(*kinds: ProblemType) -> dict[int | str, dict[str, Any]]:
    """Document the problems of an operation, for the ``responses`` of its route."""
    order = sorted(set(kinds), key=list(PROBLEMS.values()).index)
    by_status = groupby(sorted(order, key=_status), key=_status)
    return {status: _document(list(of_status)) for status, of_status in by_status}


def _status(problem: ProblemType) -> int:
    return problem.status.value


def _document(kinds: Iterable[ProblemType]) -> dict[str, Any]:
    examples = {kind.slug: {"summary": kind.title, "value": example(kind)} for kind in kinds}
    return {
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
