"""How a request must be written before anything in it is looked at."""

import re
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import jiter
from fastapi import Request, Response

from fastapi_single_process.api.head import HeadRoute
from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.exception import ProblemError
from fastapi_single_process.schemas.problem import InvalidParameter

__all__ = ["ContractRoute"]

JSON = "application/json"
# RFC 9110, section 5.6.6: a parameter may be empty.
CONTENT_TYPE = re.compile(r'application/json\s*(;\s*(charset\s*=\s*"?utf-8"?\s*)?)*', re.IGNORECASE)
# RFC 9110, section 12.5.1: type/subtype;parameter=value;q=0.5
MEDIA_RANGE = re.compile(r"\s*([\w!#$&^.+*-]+/[\w!#$&^.+*-]+)\s*(;.*)?", re.ASCII | re.DOTALL)
QUALITY = re.compile(r";\s*q\s*=\s*([\d.]+)", re.IGNORECASE | re.ASCII)


class StrictRequest(Request):
    """A request whose body is JSON as RFC 8259 and RFC 7493 have it."""

    async def json(self) -> Any:  # as the class above has it
        """Read the body.

        Python's ``json`` takes NaN and Infinity, guesses among UTF-8, -16 and -32, lets the last of
        two members of one name win, and half a surrogate pass. Nesting ends in a RecursionError.
        """
        try:
            return jiter.from_json(
                await self.body(), allow_inf_nan=False, catch_duplicate_keys=True
            )
        except ValueError as error:
            raise ProblemError(catalogue.MALFORMED_JSON, f"{error}.") from None


class ContractRoute(HeadRoute):
    """A route that takes JSON which says so, and answers whoever accepts JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the checks before FastAPI's own handler."""
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def check_and_handle(request: Request) -> Response:
            if not accepts_json(request.headers.getlist("accept")):
                raise ProblemError(catalogue.NOT_ACCEPTABLE, f"This is {JSON}.")
            check_query(request)
            if takes_body:
                check_content(request)
            return await handle(StrictRequest(request.scope, request.receive))

        return check_and_handle


def accepts_json(accept: list[str]) -> bool:
    """Tell whether an Accept header allows JSON. One that can't be read allows everything."""
    found = map(MEDIA_RANGE.fullmatch, ",".join(accept).split(","))
    # The most specific range decides: application/json;q=0, */* leaves JSON out.
    qualities = {one[1].lower(): quality(one[2] or "") for one in found if one}
    for name in (JSON, "application/*", "*/*"):
        if name in qualities:
            return qualities[name] > 0
    return not qualities


def quality(parameters: str) -> float:
    """Read the weight of a media range; it is 1 where there is none."""
    match = QUALITY.search(parameters)
    try:
        return float(match[1]) if match else 1.0
    except ValueError:
        return 1.0


def check_query(request: Request) -> None:
    """Refuse a parameter that comes twice, of which FastAPI would take the last."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    found = [
        InvalidParameter(parameter=name, location="query", detail="Send it once")
        for name, count in counts.items()
        if count > 1
    ]
    if found:
        detail = "A parameter comes more than once."
        raise ProblemError(catalogue.INVALID_REQUEST, detail, errors=found)


def check_content(request: Request) -> None:
    """Refuse a body that is not said to be JSON, or is packed."""
    given = request.headers.get("content-type")
    if given is None or not CONTENT_TYPE.fullmatch(given):
        raise ProblemError(catalogue.UNSUPPORTED_MEDIA_TYPE, f"Send Content-Type: {JSON}.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ProblemError(catalogue.UNSUPPORTED_MEDIA_TYPE, "Send no Content-Encoding.")
