"""Transfers on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, Strict
from pydantic.config import JsonDict

from fastapi_single_process.schemas.base import RequestModel, ResponseModel

EXAMPLE: JsonDict = {
    "source_id": "01a20600-0000-7000-8000-000000000001",
    "destination_id": "01a20600-0000-7000-8000-000000000002",
    "amount": 1250,
    "reference": "rent",
}

__all__ = ["NewTransfer", "Transfer"]


class NewTransfer(RequestModel):
    """A sum to be moved."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    source_id: Annotated[UUID, Strict(False)]
    """The account that it leaves."""
    destination_id: Annotated[UUID, Strict(False)]
    """The account that it reaches."""
    amount: Annotated[int, Field(ge=1, le=1_000_000_000_000)]
    """In minor units of the currency: cents."""
    reference: Annotated[str, Field(max_length=200, pattern="^[^\\u0000]*$")]
    """What it is for."""


class Transfer(ResponseModel):
    """A sum that was moved."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01a20600-0000-7000-8000-000000000003",
                    **EXAMPLE,
                    "currency": "EUR",
                    "created_at": "2026-11-23T09:00:00Z",
                }
            ]
        }
    )

    id: UUID
    """Its id."""
    source_id: UUID
    """The account that it left."""
    destination_id: UUID
    """The account that it reached."""
    amount: int
    """In minor units of the currency: cents."""
    currency: str
    """ISO 4217, such as EUR."""
    reference: str
    """What it is for."""
    created_at: AwareDatetime
    """When it was made."""
