"""Lists that are read by key and not by number.

Source: https://use-the-index-luke.com/no-offset
"""

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

__all__ = ["keyset"]


def keyset[Row, Key](
    query: Select[Row], key: InstrumentedAttribute[Key], *, after: Key | None, limit: int
) -> Select[Row]:
    """Let a query give its rows from the highest key down, from the one that comes after a key."""
    query = query.order_by(key.desc()).limit(limit)
    return query if after is None else query.where(key < after)
