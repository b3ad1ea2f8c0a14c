"""Answers that are kept as they were sent, to be sent again."""

from fastapi import Request, Response
from pydantic import BaseModel

from fastapi_single_process.api.paths import prefix_of
from fastapi_single_process.services.idempotency import StoredResponse

__all__ = ["created_response", "to_response"]


def created_response(resource: BaseModel, location: str, **headers: str) -> StoredResponse:
    """Answer with what was made and where it is within the service."""
    return StoredResponse(
        201, {"Location": location, **headers}, resource.model_dump_json().encode()
    )


def to_response(request: Request, answer: StoredResponse) -> Response:
    """Send an answer; one that is sent again says so.

    The prefix of a proxy isn't kept with it: the next request may come another way.
    """
    prefix = {"Location": prefix_of(request.scope)}
    headers = {name: prefix.get(name, "") + value for name, value in answer.headers.items()}
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, "application/json")
