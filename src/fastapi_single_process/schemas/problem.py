"""What goes over the wire when a request fails.

Source: RFC 9457, https://www.rfc-editor.org/rfc/rfc9457
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["InvalidField", "InvalidParameter", "Problem"]


class _Model(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class InvalidField(_Model):
    """What doesn't fit in the body."""

    pointer: str = Field(examples=["/amount"])
    """Where it is, as a JSON pointer (RFC 6901); the empty one is the whole body."""

    detail: str = Field(examples=["Input should be a valid integer"])
    """What is wrong with it."""


class InvalidParameter(_Model):
    """What doesn't fit beside the body."""

    parameter: str = Field(examples=["limit"])
    """The parameter's name."""

    location: Literal["path", "query", "header"]
    """Where the parameter stands."""

    detail: str = Field(examples=["Input should be less than or equal to 200"])
    """What is wrong with it."""


class Problem(_Model):
    """Why a request failed: problem details (RFC 9457)."""

    type: str = Field(examples=["/problems/not-found"])
    """What kind of problem it is: a path of this service, with a page that says more."""

    title: str = Field(examples=["Nothing is here"])
    """The kind of problem in a few words, the same each time."""

    status: int = Field(ge=400, le=599, examples=[404])
    """The status of the answer."""

    detail: str = Field(examples=["No account has this id."])
    """What is wrong this time."""

    instance: str = Field(examples=["urn:uuid:5b0fdb5c-1c0e-4d8c-9b0a-3f6b8c1d2e4f"])
    """This one answer; the service's log names it."""

    errors: list[InvalidField | InvalidParameter] | None = None
    """Each value that doesn't fit, if there are any to name."""
