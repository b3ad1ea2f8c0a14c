"""Who has money, and how much."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_single_process.db.base import Base

__all__ = ["Account"]


class Account(Base):
    """An account in one currency. Its balance is the sum of its entries, in minor units."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name_length"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_code"),
        CheckConstraint("allow_negative OR balance >= 0", name="no_overdraft"),
        # The integers that every reader of JSON keeps exact: RFC 7493, section 2.2.
        CheckConstraint("abs(balance) <= 9007199254740991", name="balance_range"),
        # For the foreign keys of a transfer, which hold both its accounts to its currency.
        UniqueConstraint("id", "currency"),
        {"info": {"service": ("SELECT", "INSERT", "UPDATE")}},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    name: Mapped[str]
    currency: Mapped[str]
    allow_negative: Mapped[bool]
    balance: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
