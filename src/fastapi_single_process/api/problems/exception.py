"""The error that ends a request with a problem."""

from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException

from fastapi_single_process.api.problems.catalogue import ProblemType
from fastapi_single_process.schemas.problem import InvalidField, InvalidParameter

__all__ = ["ProblemError"]


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
