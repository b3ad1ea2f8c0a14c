"""``/health`` and ``/live``: for the people and machines that watch the service."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from fastapi_single_process.api.dependencies import AppState
from fastapi_single_process.api.openapi import ANY, responses
from fastapi_single_process.api.requests import ContractRoute
from fastapi_single_process.schemas.health import Health, Liveness
from fastapi_single_process.services.health import check_health

__all__ = ["router"]

router = APIRouter(tags=["health"], route_class=ContractRoute, responses=responses(*ANY))


# RFC 9110, section 9.1: a general-purpose server supports GET and HEAD.
@router.head("/health", include_in_schema=False)
@router.get(
    "/health",
    responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Health, "description": "Unhealthy"}},
)
async def read_health(state: AppState, response: Response) -> Health:
    """Tell whether the service can do its work: whether it should get requests."""
    health = await check_health(state["health_sessions"], seconds=state["settings"].health_timeout)
    if health.status == "unhealthy":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return health


@router.head("/live", include_in_schema=False)
@router.get("/live")
async def read_liveness() -> Liveness:
    """Tell that the process runs. A restart would not bring back a database: it isn't asked."""
    return Liveness()
