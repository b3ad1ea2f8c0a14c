"""Entries on the wire."""

from uuid import UUID

from pydantic import AwareDatetime, ConfigDict

from fastapi_single_process.schemas.base import ResponseModel

__all__ = ["Entry"]


class Entry(ResponseModel):
    """What a transfer did to an account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01a20600-0000-7000-8000-000000000004",
                    "transfer_id": "01a20600-0000-7000-8000-000000000003",
                    "amount": -1250,
                    "balance_after": 8750,
                    "created_at": "2026-11-23T09:00:00Z",
                }
            ]
        }
    )

    id: UUID
    """The entry's id."""
    transfer_id: UUID
    """The id of the transfer that the entry belongs to."""
    amount: int
    """What came into the account, or, below zero, went out; in minor units."""
    balance_after: int
    """The account's balance after the entry, in minor units."""
    created_at: AwareDatetime
    """When the entry was made."""
