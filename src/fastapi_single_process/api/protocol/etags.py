"""Entity tags: which version of a resource a client has seen.

Source: RFC 9110, sections 8.8.3 and 13.1, https://www.rfc-editor.org/rfc/rfc9110
"""

import re
from typing import Annotated

from fastapi import Header
from pydantic.json_schema import SkipJsonSchema

from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.exception import ProblemError

__all__ = [
    "IF_MATCH",
    "IfMatch",
    "IfNoneMatch",
    "etag",
    "is_known",
    "required_versions",
    "version_headers",
]

TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
# Possessive: a long header that is no list is refused in linear time.
LIST = re.compile(rf"[\s,]*+{TAG.pattern}(\s*+,[\s,]*+{TAG.pattern})*+[\s,]*+")
VERSION = re.compile(r"[1-9]\d{0,17}", re.ASCII)  # fits a bigint

# For the OpenAPI document alone: what doesn't fit is a 400 and no 422.
SCHEMA = {"pattern": r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$'}

IfMatch = Annotated[str | None, Header(include_in_schema=False)]
"""The versions from which a change may start."""

# Required, says the document. FastAPI would answer 422 to a request without it, and not 428.
IF_MATCH = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "The `ETag` that you have read. `*` means whatever is there.",
            "schema": {"type": "string", "examples": ['"7"'], **SCHEMA},
        }
    ]
}
"""The same for the OpenAPI document: what a route adds to its operation."""

IfNoneMatch = Annotated[
    str | SkipJsonSchema[None],
    Header(
        description="The `ETag` that you have: you get 304 and no body, if it is still the same.",
        examples=['"7"'],
        json_schema_extra=SCHEMA,
    ),
]
"""The versions that a client has."""


def etag(version: int) -> str:
    """Write the strong tag of a version.

    Equal tags promise equal bytes: who changes what an answer looks like must change the tags too.
    """
    return f'"{version}"'


def version_headers(version: int) -> dict[str, str]:
    """Return the tag of a version, and what a cache may do with it.

    It may keep the answer for one client, and asks each time. A proxy that packed it would make the
    tag a weak one, with which nothing can be changed.
    """
    return {"ETag": etag(version), "Cache-Control": "private, no-cache, no-transform"}


def _parse(header: str, value: str) -> list[tuple[bool, str]]:
    if not LIST.fullmatch(value):
        detail = f'{header} is * or a list of tags in double quotes: {header}: "7".'
        raise ProblemError(catalogue.MALFORMED_HEADER, detail)
    return [(bool(weak), opaque) for weak, opaque in TAG.findall(value)]


def required_versions(if_match: str | None) -> frozenset[int] | None:
    """Give the versions that a change may start from; None means whichever there is.

    A weak tag matches none: two representations with it may differ. Raises ProblemError, if there
    is no header, or it can't be read, or nothing in it could ever match.
    """
    if if_match is None:
        detail = 'Send the ETag that you have read: If-Match: "7".'
        raise ProblemError(catalogue.PRECONDITION_REQUIRED, detail)
    if if_match.strip() == "*":
        return None
    tags = _parse("If-Match", if_match)
    if all(weak for weak, _ in tags):
        detail = "A weak tag (W/) never matches: a proxy made it, perhaps. Send it without the W/."
        raise ProblemError(catalogue.PRECONDITION_FAILED, detail)
    return frozenset(int(tag) for weak, tag in tags if not weak and VERSION.fullmatch(tag))


def is_known(if_none_match: str | None, version: int) -> bool:
    """Tell whether the client has this version already. A weak tag will do for that."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(tag == str(version) for _, tag in _parse("If-None-Match", if_none_match))
