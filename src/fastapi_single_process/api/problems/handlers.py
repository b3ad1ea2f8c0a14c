"""Which problem an error is, whoever raises it.

The one module of this package that knows the services and the database.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.catalogue import ProblemType
from fastapi_single_process.api.problems.exception import ProblemError
from fastapi_single_process.api.problems.response import problem_response
from fastapi_single_process.api.problems.validation import message_of
from fastapi_single_process.db.failures import (
    DatabaseBusyError,
    DatabaseError,
    DatabaseUnavailableError,
)
from fastapi_single_process.schemas.problem import InvalidField, InvalidParameter
from fastapi_single_process.services import errors

__all__ = ["add_error_handlers"]

RETRY_AFTER = {"Retry-After": "1"}  # seconds
MAX_ERRORS = 20  # errors of one request: what is sent back stays in proportion to what was sent
HTTP_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

# An HTTPException of the framework, by its status. Others tell no more than the status does.
PROBLEM_BY_STATUS = {
    HTTPStatus.BAD_REQUEST: catalogue.MALFORMED_REQUEST,
    HTTPStatus.NOT_FOUND: catalogue.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: catalogue.METHOD_NOT_ALLOWED,
}

# What the ledger refuses.
PROBLEM_BY_ERROR = {
    errors.AccountNotFoundError: catalogue.NOT_FOUND,
    errors.AccountUnknownError: catalogue.ACCOUNT_UNKNOWN,
    errors.BalanceLimitError: catalogue.BALANCE_LIMIT,
    errors.CurrencyMismatchError: catalogue.CURRENCY_MISMATCH,
    errors.InsufficientFundsError: catalogue.INSUFFICIENT_FUNDS,
    errors.KeyInUseError: catalogue.KEY_IN_USE,
    errors.KeyReusedError: catalogue.KEY_REUSED,
    errors.SameAccountError: catalogue.SAME_ACCOUNT,
    errors.TransferNotFoundError: catalogue.NOT_FOUND,
    errors.VersionMismatchError: catalogue.PRECONDITION_FAILED,
}

# What the database can't do now, and may at another time.
PROBLEM_BY_DATABASE_ERROR = {
    DatabaseBusyError: catalogue.TOO_BUSY,
    DatabaseUnavailableError: catalogue.DATABASE_UNAVAILABLE,
}

logger = logging.getLogger(__name__)


async def http_exception_handler(request: Request, error: HTTPException) -> Response:
    """Answer what was raised as an HTTPException, by us or by the framework."""
    if not isinstance(error, ProblemError) and error.status_code in PROBLEM_BY_STATUS:
        problem = PROBLEM_BY_STATUS[HTTPStatus(error.status_code)]
        headers = dict(error.headers or {})
        if problem is catalogue.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(allowed_methods(request))
        error = ProblemError(problem, problem.plain_meaning, headers=headers)
    return problem_response(request.scope, error)


def allowed_methods(request: Request) -> list[str]:
    """List what the resource at the path can do: with FastAPI, each method is a route."""
    return [
        method
        for method in HTTP_METHODS
        for scope in [{**request.scope, "method": method}]
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


async def validation_exception_handler(request: Request, error: RequestValidationError) -> Response:
    """Answer values that don't fit, without a word of what they are."""
    found = error.errors()
    detail = f"{len(found)} {'values do' if len(found) > 1 else 'value does'} not fit."
    if len(found) > MAX_ERRORS:
        detail = f"{detail[:-1]}; the first {MAX_ERRORS} are named."
    errors = [describe(one["loc"], message_of(one)) for one in found[:MAX_ERRORS]]
    return problem_response(
        request.scope, ProblemError(catalogue.INVALID_REQUEST, detail, errors=errors)
    )


def describe(location: Sequence[str | int], message: str) -> InvalidField | InvalidParameter:
    """Name what pydantic found: a field by its JSON pointer (RFC 6901), a parameter by its name."""
    place, *path = map(str, location)
    if place == "body":
        steps = (step.replace("~", "~0").replace("/", "~1") for step in path)
        return InvalidField(pointer="".join(f"/{step}" for step in steps), detail=message)
    return InvalidParameter.model_validate(
        {"parameter": ".".join(path), "location": place, "detail": message}
    )


async def ledger_error_handler(request: Request, error: errors.LedgerError) -> Response:
    """Answer what the ledger refuses."""
    return problem_response(
        request.scope, ProblemError(look_up(PROBLEM_BY_ERROR, error), str(error))
    )


async def database_error_handler(request: Request, error: DatabaseError) -> Response:
    """Answer for a database that is away or busy. The log has the reason, the client hasn't."""
    problem = look_up(PROBLEM_BY_DATABASE_ERROR, error)
    logger.warning("%s: %s", problem.title, error)
    detail = "Try again in a moment."
    return problem_response(request.scope, ProblemError(problem, detail, headers=RETRY_AFTER))


def look_up[Kind: Exception](
    table: Mapping[type[Kind], ProblemType], error: Exception
) -> ProblemType:
    """Find the problem of an error's class, or of the nearest one that it comes from."""
    return next(problem for kind in type(error).__mro__ if (problem := table.get(kind)))


async def unexpected_error_handler(request: Request, error: Exception) -> Response:
    """Answer what nobody expected. The reason goes into the log, and nothing of it to the client.

    Starlette calls it outside all middleware, and raises the error again for the server's log.
    """
    problem = ProblemError(catalogue.INTERNAL_ERROR, "The log has the reason under this instance.")
    return problem_response(request.scope, problem, cause=error)


def add_error_handlers(app: FastAPI) -> None:
    """Let every error leave as a problem document."""
    app.exception_handler(HTTPException)(http_exception_handler)
    app.exception_handler(RequestValidationError)(validation_exception_handler)
    app.exception_handler(errors.LedgerError)(ledger_error_handler)
    app.exception_handler(DatabaseError)(database_error_handler)
    app.exception_handler(Exception)(unexpected_error_handler)
