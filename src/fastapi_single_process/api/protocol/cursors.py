"""Signed cursors: a client carries its place in a list, and can't make one up.

Source: https://itsdangerous.palletsprojects.com/en/stable/url_safe/
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress

from itsdangerous import BadData, URLSafeSerializer
from pydantic import SecretStr

from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.exception import ProblemError

__all__ = ["read_cursor", "write_cursor"]

type Position = str | int
"""The key of the last row that the client has."""


def _serializer(secret: SecretStr, name: str) -> URLSafeSerializer:
    # The list's name is mixed into the key: a cursor of one list is none of another.
    return URLSafeSerializer(
        secret.get_secret_value(),
        salt=f"cursor of {name}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def write_cursor(secret: SecretStr, name: str, position: Position) -> str:
    """Sign a place in the list of a name."""
    return str(_serializer(secret, name).dumps(position))


def read_cursor(secrets: Iterable[SecretStr], name: str, cursor: str) -> Position:
    """Give the place that the service has signed for this list, or raise ProblemError.

    One of the secrets will do: the new one, or one of before.
    """
    for secret in secrets:
        with suppress(BadData, UnicodeError):
            position: Position = _serializer(secret, name).loads(cursor)
            # Base64 can write the same bytes in several ways: one is ours.
            if write_cursor(secret, name, position) == cursor:
                return position
    raise ProblemError(catalogue.INVALID_CURSOR, "Begin at the first page, without a cursor.")
