"""Every model, and the schema that they make together."""

from fastapi_single_process.db.base import Base
from fastapi_single_process.db.models.account import Account
from fastapi_single_process.db.models.entry import Entry
from fastapi_single_process.db.models.health_check import HealthCheck
from fastapi_single_process.db.models.idempotency_key import IdempotencyKey
from fastapi_single_process.db.models.transfer import Transfer

__all__ = ["Account", "Entry", "HealthCheck", "IdempotencyKey", "Transfer", "metadata"]

metadata = Base.metadata
"""The whole schema, because every model is imported above; Alembic compares with it."""
