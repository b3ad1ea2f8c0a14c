"""The row that proves the database usable."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_single_process.db.base import Base

__all__ = ["HealthCheck"]


class HealthCheck(Base):
    """What the health check reads: one row, written by the first migration.

    Reading it takes a connection, the schema and the right to read: more than ``SELECT 1`` proves.
    """

    __tablename__ = "health_checks"
    __table_args__ = ({"info": {"service": ("SELECT",)}},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
