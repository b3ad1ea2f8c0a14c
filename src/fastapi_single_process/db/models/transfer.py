"""What went from one account to another."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_single_process.db.base import Base

__all__ = ["Transfer"]


class Transfer(Base):
    """A sum that went from one account to another. It is never changed."""

    __tablename__ = "transfers"
    __table_args__ = (
        ForeignKeyConstraint(["source_id", "currency"], ["accounts.id", "accounts.currency"]),
        ForeignKeyConstraint(["destination_id", "currency"], ["accounts.id", "accounts.currency"]),
        CheckConstraint("source_id <> destination_id", name="two_accounts"),
        CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount_range"),
        CheckConstraint("length(reference) <= 200", name="reference_length"),
        {"info": {"service": ("SELECT", "INSERT")}},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    source_id: Mapped[UUID]
    destination_id: Mapped[UUID]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    reference: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
