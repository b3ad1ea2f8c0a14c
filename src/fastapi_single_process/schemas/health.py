"""The answers of the health checks."""

from typing import Literal

from pydantic import AwareDatetime, ConfigDict

from fastapi_single_process.schemas.base import ResponseModel

__all__ = ["DatabaseState", "Health", "Liveness"]

type DatabaseState = Literal["connected", "busy", "read-only", "disconnected"]


class Health(ResponseModel):
    """Whether the service can do its work."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "healthy",
                    "database": "connected",
                    "last_check": "2026-11-23T09:00:00Z",
                }
            ]
        }
    )

    status: Literal["healthy", "unhealthy"]
    """Whether the service can do its work."""

    database: DatabaseState
    """Whether the database takes reads and writes (`connected`), is there and can't (`busy`,
    `read-only`), or doesn't answer."""

    last_check: AwareDatetime
    """When this answer was found, in UTC."""


class Liveness(ResponseModel):
    """Whether the process runs; says nothing of what it depends on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "alive"}]})

    status: Literal["alive"] = "alive"
    """The process runs: it answers."""
