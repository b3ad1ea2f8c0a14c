"""What pydantic finds wrong with a value, said without the value.

Source: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

from collections.abc import Mapping
from typing import Any  # what pydantic puts into an error

__all__ = ["WITHHELD", "message_of"]

WITHHELD = {
    "assertion_error": "Input is not allowed",
    "bytes_invalid_encoding": "Input should be valid bytes",
    "date_from_datetime_parsing": "Input should be a valid date",
    "date_parsing": "Input should be a valid date",
    "datetime_from_date_parsing": "Input should be a valid datetime",
    "datetime_object_invalid": "Input should be a valid datetime",
    "datetime_parsing": "Input should be a valid datetime",
    "get_attribute_error": "Input can't be read",
    "iteration_error": "Input can't be read",
    "json_invalid": "Input should be valid JSON",
    "mapping_type": "Input should be a valid mapping",
    "time_delta_parsing": "Input should be a valid duration",
    "time_parsing": "Input should be a valid time",
    "union_tag_invalid": "Input is of no kind that is known",
    "url_parsing": "Input should be a valid URL",
    "url_syntax_violation": "Input should be a valid URL",
    "uuid_parsing": "Input should be a valid UUID",
    "value_error": "Input is not allowed",
}
"""The kinds of error whose text may repeat a part of the value, and what is said in its place."""


def message_of(error: Mapping[str, Any]) -> str:
    """Return what pydantic says of a value, and nothing that was in it."""
    message: str = WITHHELD.get(error["type"], error["msg"])
    return message
