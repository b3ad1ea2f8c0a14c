"""What a transfer did to an account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_single_process.db.base import Base

__all__ = ["Entry"]


class Entry(Base):
    """One side of a transfer. It is never changed.

    Triggers of the migration hold what a table's constraints can't: that a transfer has two
    entries, one for each of its accounts, which add up to zero; and that nobody changes a row.
    That it never gets a third is a unique index: one entry goes out, and one comes in.
    """

    __tablename__ = "entries"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_moves"),
        Index("uq_entries_transfer_id_side", "transfer_id", text("(amount < 0)"), unique=True),
        # An account's entries in their order: a page of a list.
        Index("uq_entries_account_id_number", "account_id", "number", unique=True),
        {"info": {"service": ("SELECT", "INSERT")}},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfers.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    number: Mapped[int] = mapped_column(BigInteger)
    """The version that it gave the account, whose lock brings them in order. No clock does."""
    amount: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
