"""``/docs``: the OpenAPI document as a page, for people.

The script, its style and the icon come from the package ``fastapi-offline``: FastAPI's own page has
them from a foreign host, in a version that changes, and is blank where that can't be reached.
"""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

from fastapi_single_process.api.paths import path_of
from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.exception import ProblemError

__all__ = ["router"]

FOLDER = Path(str(files("fastapi_offline") / "static"))
FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")

router = APIRouter(prefix="/docs", include_in_schema=False)


@router.get("")
async def show_docs(request: Request) -> HTMLResponse:
    """Show the operations, and let them be tried."""
    script, style, icon = (path_of(request, "read_docs_file", name=one) for one in FILES)
    return get_swagger_ui_html(
        openapi_url=path_of(request, "openapi"),
        title=request.app.title,
        swagger_js_url=script,
        swagger_css_url=style,
        swagger_favicon_url=icon,
    )


@router.get("/{name}")
async def read_docs_file(name: str) -> FileResponse:
    """Send what the page needs. A browser may keep it for a day."""
    if name not in FILES:
        raise ProblemError(catalogue.NOT_FOUND, "The documentation has no such file.")
    return FileResponse(FOLDER / name, headers={"Cache-Control": "max-age=86400"})
