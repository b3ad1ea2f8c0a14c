"""Every model, and the schema that they make together."""

from fastapi_single_process.db.base import Base
from fastapi_single_process.db.models.health_check import HealthCheck

__all__ = ["HealthCheck", "metadata"]

metadata = Base.metadata
"""The whole schema, because every model is imported above; Alembic compares with it."""
