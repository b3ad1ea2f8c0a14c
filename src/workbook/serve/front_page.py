"""The page at ``/``: where to find what is served."""

from html import escape

from starlette.responses import HTMLResponse
from starlette.routing import Route

__all__ = ["MOUNT", "PLACES", "front_page"]

MOUNT = "/workbook"
PLACES = {
    "service": ("/api/v1/health", "whether the service and its database are well"),
    "API docs": ("/docs", "every request of the service, to try out"),
    "workbook": (f"{MOUNT}/", "the chapters, the guides and the reference"),
}
"""What is served: its name, its path, and what is found there."""

_LINKS = "\n".join(
    f'<li><a href="{path.removeprefix("/")}">{escape(name)}</a>: {escape(meaning)}</li>'
    for name, (path, meaning) in PLACES.items()
)
_PAGE = f"""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>fastapi-single-process</title>
<h1>fastapi-single-process</h1>
<ul>
{_LINKS}
</ul>
</html>
"""

front_page = Route("/", lambda request: HTMLResponse(_PAGE), methods=["GET"])
"""Answers to GET and HEAD at ``/``."""
