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

__all__ = ["Transfer", "TransferCreate"]


class TransferCreate(RequestModel):
    """A sum to be moved."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    source_id: Annotated[UUID, Strict(False)]
    """The id of the account that the sum leaves."""
    destination_id: Annotated[UUID, Strict(False)]
    """The id of the account that the sum reaches."""
    amount: Annotated[int, Field(ge=1, le=1_000_000_000_000)]
    """The sum, in minor units of the currency: cents."""
    reference: Annotated[str, Field(max_length=200, pattern="^[^\\u0000]*$")]
    """What the transfer is for."""


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
    """The transfer's id."""
    source_id: UUID
    """The id of the account that the sum left."""
    destination_id: UUID
    """The id of the account that the sum reached."""
    amount: int
    """The sum, in minor units of the currency: cents."""
    currency: str
    """The currency of both accounts: a code of ISO 4217, such as EUR."""
    reference: str
    """What the transfer is for."""
    created_at: AwareDatetime
    """When the transfer was made."""
