"""The way from an error, whoever raises it, to a problem document (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from fastapi_single_process.api import problems
from fastapi_single_process.api.headers import DEFAULTS
from fastapi_single_process.api.paths import prefix_of
from fastapi_single_process.api.problems import ProblemType
from fastapi_single_process.api.validation import message_of
from fastapi_single_process.db.failures import (
    DatabaseBusyError,
    DatabaseError,
    DatabaseUnavailableError,
)
from fastapi_single_process.schemas.problem import InvalidField, InvalidParameter, Problem
from fastapi_single_process.services import errors

__all__ = ["MEDIA_TYPE", "ProblemError", "add_error_handlers", "answer"]

MEDIA_TYPE = "application/problem+json"
RETRY = {"Retry-After": "1"}  # seconds
NAMED = 20  # errors of one request: what is sent back stays in proportion to what was sent
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

# An HTTPException of the framework, by its status. Others tell no more than the status does.
FRAMEWORK = {
    HTTPStatus.BAD_REQUEST: problems.MALFORMED_REQUEST,
    HTTPStatus.NOT_FOUND: problems.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: problems.METHOD_NOT_ALLOWED,
}

# What the ledger refuses.
LEDGER = {
    errors.AccountNotFoundError: problems.NOT_FOUND,
    errors.AccountUnknownError: problems.ACCOUNT_UNKNOWN,
    errors.BalanceLimitError: problems.BALANCE_LIMIT,
    errors.CurrencyMismatchError: problems.CURRENCY_MISMATCH,
    errors.InsufficientFundsError: problems.INSUFFICIENT_FUNDS,
    errors.KeyInUseError: problems.KEY_IN_USE,
    errors.KeyReusedError: problems.KEY_REUSED,
    errors.SameAccountError: problems.SAME_ACCOUNT,
    errors.TransferNotFoundError: problems.NOT_FOUND,
    errors.VersionMismatchError: problems.PRECONDITION_FAILED,
}

# What the database can't do now, and may at another time.
DATABASE = {
    DatabaseBusyError: problems.TOO_BUSY,
    DatabaseUnavailableError: problems.DATABASE_UNAVAILABLE,
}

logger = logging.getLogger(__name__)


class ProblemError(HTTPException):
    """A request that ends with a problem.

    An HTTPException: FastAPI turns every other error that comes while it reads a body into a 400.
    """

    def __init__(
        self,
        problem: ProblemType,
        detail: str,
        *,
        errors: Sequence[InvalidField | InvalidParameter] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Tell the client which problem it is, and what is wrong this time."""
        super().__init__(problem.status, detail, headers)
        self.problem = problem
        self.errors = errors


def answer(scope: Scope, error: HTTPException, *, cause: Exception | None = None) -> Response:
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


async def answer_http_exception(request: Request, error: HTTPException) -> Response:
    """Answer what was raised as an HTTPException, by us or by the framework."""
    if not isinstance(error, ProblemError) and error.status_code in FRAMEWORK:
        problem = FRAMEWORK[HTTPStatus(error.status_code)]
        headers = dict(error.headers or {})
        if problem is problems.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(allowed_methods(request))
        error = ProblemError(problem, problem.meaning.replace("`", ""), headers=headers)
    return answer(request.scope, error)


def allowed_methods(request: Request) -> list[str]:
    """List what the resource at the path can do: with FastAPI, each method is a route."""
    return [
        method
        for method in METHODS
        for scope in [{**request.scope, "method": method}]
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


async def answer_validation_error(request: Request, error: RequestValidationError) -> Response:
    """Answer values that don't fit, without a word of what they are."""
    found = error.errors()
    detail = f"{len(found)} {'values do' if len(found) > 1 else 'value does'} not fit."
    if len(found) > NAMED:
        detail = f"{detail[:-1]}; the first {NAMED} are named."
    errors = [describe(one["loc"], message_of(one)) for one in found[:NAMED]]
    return answer(request.scope, ProblemError(problems.INVALID_REQUEST, detail, errors=errors))


def describe(location: Sequence[str | int], message: str) -> InvalidField | InvalidParameter:
    """Name what pydantic found: a field by its JSON pointer (RFC 6901), a parameter by its name."""
    place, *path = map(str, location)
    if place == "body":
        steps = (step.replace("~", "~0").replace("/", "~1") for step in path)
        return InvalidField(pointer="".join(f"/{step}" for step in steps), detail=message)
    return InvalidParameter.model_validate(
        {"parameter": ".".join(path), "location": place, "detail": message}
    )


async def answer_ledger_error(request: Request, error: errors.LedgerError) -> Response:
    """Answer what the ledger refuses."""
    return answer(request.scope, ProblemError(look_up(LEDGER, error), str(error)))


async def answer_database_error(request: Request, error: DatabaseError) -> Response:
    """Answer for a database that is away or busy. The log has the reason, the client hasn't."""
    problem = look_up(DATABASE, error)
    logger.warning("%s: %s", problem.title, error)
    detail = "Try again in a moment."
    return answer(request.scope, ProblemError(problem, detail, headers=RETRY))


def look_up[Kind: Exception](
    table: Mapping[type[Kind], ProblemType], error: Exception
) -> ProblemType:
    """Find the problem of an error's class, or of the nearest one that it comes from."""
    return next(problem for kind in type(error).__mro__ if (problem := table.get(kind)))


async def answer_defect(request: Request, error: Exception) -> Response:
    """Answer what nobody expected. The reason goes into the log, and nothing of it to the client.

    Starlette calls it outside all middleware, and raises the error again for the server's log.
    """
    problem = ProblemError(problems.INTERNAL_ERROR, "The log has the reason under this instance.")
    return answer(request.scope, problem, cause=error)


def add_error_handlers(app: FastAPI) -> None:
    """Let every error leave as a problem document."""
    app.exception_handler(HTTPException)(answer_http_exception)
    app.exception_handler(RequestValidationError)(answer_validation_error)
    app.exception_handler(errors.LedgerError)(answer_ledger_error)
    app.exception_handler(DatabaseError)(answer_database_error)
    app.exception_handler(Exception)(answer_defect)
