"""What every request model shares.

Source: https://docs.pydantic.dev/latest/concepts/strict_mode/
"""

from pydantic import BaseModel, ConfigDict

__all__ = ["RequestModel", "ResponseModel"]


class RequestModel(BaseModel):
    """What a client sends: exactly what is asked for, or it is refused.

    A field that isn't known is an error, for it may be a misspelt one that is optional. A value of
    another type is an error: ``"1"`` and ``1.0`` are no ``int``. What JSON can only write as text,
    a UUID or a time, is declared with ``Strict(False)``, because FastAPI reads the text before it
    is checked.
    """

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class ResponseModel(BaseModel):
    """What a client gets; it is made from a row, or from whatever has the same attributes."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)
