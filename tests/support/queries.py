"""How many statements reach the database, and how many an endpoint may send.

A statement is counted for the task that sends it, and for the tasks which that one began: requests
side by side don't count each other's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Engine, event

__all__ = ["BUDGETS", "at_most", "within_budget"]

BUDGETS = {
    "POST /api/v1/accounts": 3,  # with a key; else 1
    "GET /api/v1/accounts": 1,
    "GET /api/v1/accounts/{account_id}": 1,
    "PATCH /api/v1/accounts/{account_id}": 2,
    "GET /api/v1/accounts/{account_id}/entries": 2,
    "POST /api/v1/transfers": 2,
    "GET /api/v1/transfers": 1,
    "GET /api/v1/transfers/{transfer_id}": 1,
    "GET /api/v1/health": 1,
    "GET /api/v1/live": 0,
}
"""The most statements that one request may cost, beside BEGIN and COMMIT (see test_trips).

The tests' client holds each request to it. A path parameter is written as in OpenAPI.
"""

# What stands for BEGIN, COMMIT and ROLLBACK in a test's outer transaction.
SAVEPOINT = re.compile(r"(ROLLBACK TO |RELEASE )?SAVEPOINT ")

_counts: ContextVar[tuple[list[str], ...]] = ContextVar("counts", default=())


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if not SAVEPOINT.match(statement):
        for count in _counts.get():
            count.append(statement)


@contextmanager
def at_most(budget: int, what: str = "the block") -> Iterator[list[str]]:
    """Fail if the block sends more statements than this; give them in their order."""
    sent: list[str] = []
    token = _counts.set((*_counts.get(), sent))
    try:
        yield sent
    finally:
        _counts.reset(token)
    listed = "\n".join(f"  {number}. {statement}" for number, statement in enumerate(sent, 1))
    assert len(sent) <= budget, f"{what} may send {budget} statements, and sent:\n{listed}"


@contextmanager
def within_budget(method: str, path: str) -> Iterator[None]:
    """Hold a request to the budget of the endpoint that serves it, if one does."""
    request = f"{method.replace('HEAD', 'GET')} {path}"
    for endpoint, budget in BUDGETS.items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(endpoint)), request):
            with at_most(budget, endpoint):
                yield
            return
    yield
