"""A page of a list."""

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

__all__ = ["Page"]

CURSOR = (
    "IjAxYTIwNjAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMSI"
    ".vVQ0Vb0pXfHbPYqkYtW9nIYxH0J5cE4zq7tP2bqkq1g"
)


class Page[Item: BaseModel](BaseModel):
    """Some items of a list, the newest first, and where the next ones are."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    items: list[Item]
    """The items of this page."""

    next_cursor: str | None = Field(max_length=500)
    """Where the next page begins; null at the end."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Show a page with the item's own example on it."""
        page = handler(core_schema)
        schema = handler.resolve_ref_schema(page)
        item = handler.resolve_ref_schema(schema["properties"]["items"]["items"])
        schema["examples"] = [{"items": item["examples"][:1], "next_cursor": CURSOR}]
        return page
