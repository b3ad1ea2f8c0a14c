"""What is wrong with a value is said in full, and the value isn't."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import pytest
from pydantic import AfterValidator, Field, HttpUrl, Json, TypeAdapter, ValidationError
from pydantic_core import PydanticKnownError
from pydantic_core.core_schema import ErrorType

from fastapi_single_process.api.problems.validation import WITHHELD, message_of

SECRET = "hunter2"
# What pydantic takes from the value, or from an error that somebody has raised about it.
FROM_VALUE = {"error", "tag", "encoding_error"}


def refuse(value: str) -> str:
    raise ValueError(f"{value} is not allowed")


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (Literal["in", "out", "fee"], SECRET, "Input should be 'in', 'out' or 'fee'"),
        (int, SECRET, "Input should be a valid integer, unable to parse string as an integer"),
        (int, 1.5, "Input should be a valid integer, got a number with a fractional part"),
        (Annotated[str, Field(pattern="^a{1,2}$")], "b", "String should match pattern '^a{1,2}$'"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "List should have at most 1 item"),
        (UUID, SECRET, "Input should be a valid UUID"),
        (Annotated[str, AfterValidator(refuse)], SECRET, "Input is not allowed"),
    ],
)
def test_what_is_wrong_is_said_in_full(kind: Any, value: object, message: str) -> None:
    assert say(kind, value).startswith(message)


@pytest.mark.parametrize("kind", [UUID, date, datetime, time, timedelta, HttpUrl, Json, int])
@pytest.mark.parametrize("value", [SECRET, f"1{SECRET}", f"http://[{SECRET}", f"2026-{SECRET}"])
def test_nothing_of_the_value_is_said(kind: Any, value: str) -> None:
    assert not re.search("hunter|`", say(kind, value))


def say(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    [error] = refused.value.errors()
    return message_of({**error})


def takes(kind: Any) -> set[str]:
    """Name what pydantic needs to say an error of a kind."""
    context: dict[str, Any] = {}
    while True:
        try:
            PydanticKnownError(kind, context)
        except TypeError as error:
            [missing] = re.findall("'(.+)' required|: '(.+)' context", str(error))
            name = "".join(missing)
            context[name] = 1 if name in context else "text"
        else:
            return set(context)


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_every_kind_that_may_repeat_the_value_is_withheld(kind: str) -> None:
    assert (kind in WITHHELD) == bool(takes(kind) & FROM_VALUE)
