"""Where things are, as the client of a request sees it."""

from fastapi import Request
from starlette.types import Scope

__all__ = ["path_of", "prefix_of", "route_path"]


def prefix_of(scope: Scope) -> str:
    """Return what a proxy has taken from the path before it came here; nothing without one."""
    prefix: str = scope.get("root_path", "")
    return prefix


def route_path(request: Request, route: str, **parameters: object) -> str:
    """Return the path of a route, named as its function is, within the service.

    It is made from the route and from nothing that the client wrote, a ``Host`` least of all.
    """
    return str(request.app.url_path_for(route, **parameters))


def path_of(request: Request, route: str, **parameters: object) -> str:
    """Return the path of a route as the client sees it: behind the prefix of a proxy.

    Source: https://fastapi.tiangolo.com/advanced/behind-a-proxy/
    """
    return prefix_of(request.scope) + route_path(request, route, **parameters)
