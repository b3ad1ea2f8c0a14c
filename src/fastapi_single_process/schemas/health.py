"""The answers of the health checks."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

__all__ = ["Health", "Liveness"]


class Health(BaseModel):
    """Whether the service can do its work."""

    status: Literal["healthy", "unhealthy"]
    database: Literal["connected", "disconnected"]
    last_check: AwareDatetime = Field(description="When this answer was found, in UTC.")


class Liveness(BaseModel):
    """Whether the process runs; says nothing of what it depends on."""

    status: Literal["alive"] = "alive"
