"""A page of a list."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Page"]

CURSOR = (
    "IjAxYTIwNjAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMSI"
    ".vVQ0Vb0pXfHbPYqkYtW9nIYxH0J5cE4zq7tP2bqkq1g"
)


def _add_example(schema: dict[str, Any], page: type[BaseModel]) -> None:
    """Show a page with the item's own example on it."""
    (item,) = page.__pydantic_generic_metadata__["args"]
    example = item.model_config["json_schema_extra"]["examples"][0]
    schema["examples"] = [{"items": [example], "next_cursor": CURSOR}]


class Page[Item: BaseModel](BaseModel):
    """Some items of a list, the newest first, and where the next ones are."""

    model_config = ConfigDict(use_attribute_docstrings=True, json_schema_extra=_add_example)

    items: list[Item]
    """The items of this page."""

    next_cursor: str | None = Field(max_length=500)
    """Where the next page begins; null at the end."""
