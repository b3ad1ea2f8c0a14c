"""The way from an error to a problem document (RFC 9457)."""

import logging
from http import HTTPStatus
from uuid import uuid4

from fastapi import Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from fastapi_single_process.api.headers import DEFAULTS
from fastapi_single_process.api.paths import prefix_of
from fastapi_single_process.api.problems.exception import ProblemError
from fastapi_single_process.schemas.problem import Problem

__all__ = ["MEDIA_TYPE", "problem_response"]

MEDIA_TYPE = "application/problem+json"

logger = logging.getLogger(__name__)


def problem_response(
    scope: Scope, error: HTTPException, *, cause: Exception | None = None
) -> Response:
    """Make the problem document of an error, and name it in the log."""
    problem = error.problem if isinstance(error, ProblemError) else None
    status = HTTPStatus(error.status_code)
    document = Problem(
        # RFC 9457, section 4.2.1: a problem that tells no more than its status.
        type=f"{prefix_of(scope)}{problem.uri}" if problem else "about:blank",
        title=problem.title if problem else status.phrase,
        status=status,
        detail=error.detail,
        instance=uuid4().urn,
        errors=list(error.errors) or None if isinstance(error, ProblemError) else None,
    )
    logger.log(
        logging.ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO,
        "%s %s: %s %r",
        document.instance,
        document.type,
        scope["method"],
        scope["path"],
        exc_info=cause,
    )
    body = document.model_dump_json(exclude_none=True)
    # The answer to a defect passes by all middleware.
    return Response(body, status, {**DEFAULTS, **(error.headers or {})}, MEDIA_TYPE)
