"""Answers that are kept as they were sent, to be sent again."""

from fastapi import Response
from pydantic import BaseModel

from fastapi_single_process.services.idempotency import Answer

__all__ = ["created", "respond"]


def created(resource: BaseModel, location: str, **headers: str) -> Answer:
    """Answer with what was made and where it is."""
    return Answer(201, {"Location": location, **headers}, resource.model_dump_json().encode())


def respond(answer: Answer) -> Response:
    """Send an answer; one that is sent again says so."""
    replayed = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    headers = {**answer.headers, **replayed}
    return Response(answer.body, answer.status, headers, "application/json")
