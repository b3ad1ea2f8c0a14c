"""``Idempotency-Key``: the header with which a client says that a request may come again.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import json
import re
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic.json_schema import SkipJsonSchema

from fastapi_single_process.api import problems
from fastapi_single_process.api.errors import ProblemError
from fastapi_single_process.services.idempotency import Claim

__all__ = ["OptionalClaim", "read_key"]

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
        raise ProblemError(problems.MALFORMED_HEADER, detail)
    string, token = match.groups()
    return token or re.sub(r"\\(.)", r"\1", string)


async def read_claim(
    request: Request,
    idempotency_key: Annotated[
        str | SkipJsonSchema[None],
        Header(
            description="Makes it safe to send the request again: it has its effect once, and the"
            " same answer each time. Take a new key, such as a UUID, for each new request.",
            examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
            json_schema_extra={"pattern": f"^({STRING}|{BARE})$"},
        ),
    ] = None,
) -> Claim | None:
    """Say what the client's key is for, if it has sent one."""
    if idempotency_key is None:
        return None
    # The same JSON in another order is the same request. No body at all is for the route to refuse.
    body = json.dumps(await request.json(), sort_keys=True) if await request.body() else ""
    return Claim(
        operation=request.scope["route"].name,
        key=read_key(idempotency_key),
        fingerprint=hashlib.sha256(body.encode()).digest(),
    )


OptionalClaim = Annotated[Claim | None, Depends(read_claim)]
"""The key of the request, if it carries one."""
