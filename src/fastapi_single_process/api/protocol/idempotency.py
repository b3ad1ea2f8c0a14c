"""``Idempotency-Key``: the header with which a client says that a request may come again.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Concatenate

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.exception import ProblemError
from fastapi_single_process.db.session import AsyncSession, Sessions
from fastapi_single_process.db.transactions import run_transaction
from fastapi_single_process.services.idempotency import (
    KeyedRequest,
    StoredResponse,
    reserve_key,
    store_response,
)

__all__ = ["IdempotencyKeyDep", "read_key", "run_idempotent", "to_keyed_request"]

# RFC 8941, section 3.3: a string in double quotes. Bare, as many clients send it, it is a token
# that may begin with a digit: a UUID does.
STRING = r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"'
BARE = r"([A-Za-z0-9!#$%&'*+.^_`|~:/-]{1,255})"
KEY = re.compile(f"{STRING}|{BARE}")


def read_key(value: str) -> str:
    """Read the header; a string and a token of the same characters are the same key."""
    match = KEY.fullmatch(value)
    if match is None:
        detail = 'Send 1 to 255 characters of ASCII in quotes: Idempotency-Key: "8e03978e".'
        raise ProblemError(catalogue.MALFORMED_HEADER, detail)
    string, token = match.groups()
    return token or re.sub(r"\\(.)", r"\1", string)


async def get_idempotency_key(
    state: StateDep,
    idempotency_key: Annotated[
        str | SkipJsonSchema[None],
        Header(
            description="Makes it safe to send the request again: it has its effect once, and the"
            " same answer each time. Take a new key, such as a UUID, for each new request.",
            examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
            json_schema_extra={"pattern": f"^({STRING}|{BARE})$"},
        ),
    ] = None,
) -> str | None:
    """Read the client's key, if it has sent one. Raises ProblemError where it must."""
    if idempotency_key is not None:
        return read_key(idempotency_key)
    if state["settings"].idempotency_key_required:
        detail = "Send a new key, such as a UUID, and the same one if you send the request again."
        raise ProblemError(catalogue.KEY_REQUIRED, detail)
    return None


IdempotencyKeyDep = Annotated[str | None, Depends(get_idempotency_key)]
"""The key of the request, if it carries one."""


def to_keyed_request(request: Request, key: str | None, body: BaseModel) -> KeyedRequest | None:
    """Say what a key is for: the route, and what its model has read in the body.

    So a body is the same in another order, with a default left out or a UUID in capitals.
    """
    if key is None:
        return None
    content = json.dumps(body.model_dump(mode="json"), sort_keys=True).encode()
    operation: str = request.scope["route"].name
    return KeyedRequest(operation, key, hashlib.sha256(content).digest())


async def run_idempotent[**Arguments, Made](
    sessions: Sessions,
    keyed: KeyedRequest | None,
    render: Callable[[Made], StoredResponse],
    work: Callable[Concatenate[AsyncSession, Arguments], Awaitable[Made]],
    *arguments: Arguments.args,
    **named: Arguments.kwargs,
) -> StoredResponse:
    """Do the work of a POST once for its key, and answer each time as the first time.

    Key, effect and answer are committed together; without a key, only the effect is. This is how a
    route that makes something is written. A transfer is the exception: it takes the key and stores
    the answer within its own two statements, because its accounts are locked meanwhile.
    """

    async def answer(session: AsyncSession) -> StoredResponse:
        if keyed and (kept := await reserve_key(session, keyed)):
            return kept
        made = render(await work(session, *arguments, **named))
        if keyed:
            await store_response(session, keyed, made)
        return made

    return await run_transaction(sessions, answer)
