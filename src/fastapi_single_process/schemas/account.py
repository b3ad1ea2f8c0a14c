"""Accounts on the wire."""

from typing import Annotated
from uuid import UUID

from iso4217 import Currency
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field
from pydantic_core import PydanticCustomError

from fastapi_single_process.schemas.base import RequestModel, ResponseModel

__all__ = ["Account", "AccountCreate", "AccountUpdate"]

# But XTS, which is for tests, and XXX, which stands for none.
CURRENCIES = tuple(sorted(one.code for one in Currency if one.code not in {"XTS", "XXX"}))

# PostgreSQL stores every character but NUL; a name of blanks is none.
Name = Annotated[
    str, Field(min_length=1, max_length=200, pattern="^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$")
]


def _check_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise PydanticCustomError("currency_code", "Input should be a currency code of ISO 4217")
    return code


# The database holds the shape alone: which codes there are changes with the years.
CurrencyCode = Annotated[
    str, AfterValidator(_check_currency), Field(json_schema_extra={"enum": [*CURRENCIES]})
]


class AccountCreate(RequestModel):
    """An account to be opened."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Till", "currency": "EUR", "allow_negative": False}]
        }
    )

    name: Name
    """What people call the account."""

    currency: CurrencyCode
    """The account's currency: a code of ISO 4217, such as EUR."""

    allow_negative: bool = False
    """Whether the account's balance may go below zero."""


class AccountUpdate(RequestModel):
    """What may change about an account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Safe"}]})

    name: Name
    """What people call the account."""


class Account(ResponseModel):
    """An account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01a20600-0000-7000-8000-000000000001",
                    "name": "Till",
                    "currency": "EUR",
                    "allow_negative": False,
                    "balance": 0,
                    "version": 1,
                    "created_at": "2026-11-23T09:00:00Z",
                    "updated_at": "2026-11-23T09:00:00Z",
                }
            ]
        }
    )

    id: UUID
    """The account's id."""
    name: str
    """What people call the account."""
    currency: str
    """The account's currency: a code of ISO 4217, such as EUR."""
    allow_negative: bool
    """Whether the account's balance may go below zero."""
    balance: int
    """What is in the account, in minor units of its currency: cents."""
    version: int
    """Grows with each change of the account, of its balance too."""
    created_at: AwareDatetime
    """When the account was opened."""
    updated_at: AwareDatetime
    """When the account last changed."""
