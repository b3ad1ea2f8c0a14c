"""What was answered to a request that carried a key."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_single_process.db.base import Base

__all__ = ["IdempotencyKey"]


class IdempotencyKey(Base):
    """A key that a client has used for an operation, and the answer that it got.

    The row is written in the transaction of the effect: there is no effect without its answer, and
    no answer without its effect. Until the end of that transaction the answer is missing, and
    nobody else sees the row.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        CheckConstraint("length(key) BETWEEN 1 AND 255", name="key_length"),
        CheckConstraint("num_nulls(status, headers, body) IN (0, 3)", name="whole_answer"),
        {"info": {"service": ("SELECT", "INSERT", "UPDATE", "DELETE")}},
    )

    operation: Mapped[str] = mapped_column(primary_key=True)
    """The route's name. Its URL may be written in several ways, and a proxy may change it."""
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int | None] = mapped_column(BigInteger)
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
