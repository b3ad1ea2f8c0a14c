"""``/health`` and ``/live``: for the people and machines that watch the service."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Response

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.api.openapi import COMMON_PROBLEMS, responses
from fastapi_single_process.api.protocol.requests import ContractRoute
from fastapi_single_process.schemas.health import Health, Liveness
from fastapi_single_process.services.health import check_health

__all__ = ["router"]

router = APIRouter(
    tags=["health"], route_class=ContractRoute, responses=responses(*COMMON_PROBLEMS)
)


@router.get(
    "/health",
    responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Health, "description": "Unhealthy"}},
)
async def read_health(state: StateDep, response: Response) -> Health:
    """Tell whether the service can do its work: whether it should get requests."""
    found = await check_health(state["health_sessions"], seconds=state["settings"].health_timeout)
    healthy = found == "connected"
    if not healthy:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Health(
        status="healthy" if healthy else "unhealthy", database=found, last_check=datetime.now(UTC)
    )


@router.get("/live")
async def read_liveness() -> Liveness:
    """Tell that the process runs. A restart would not bring back a database: it isn't asked."""
    return Liveness()
