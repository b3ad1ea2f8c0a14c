"""``/problems``: a page for each ``type``, for whoever follows it.

Source: RFC 9457, section 3.1.1
"""

import re
from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from fastapi_single_process.api.head import HeadRoute
from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.catalogue import PROBLEMS, ProblemType
from fastapi_single_process.api.problems.exception import ProblemError

__all__ = ["router"]

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ font: 1rem/1.5 sans-serif; margin: 2rem auto; max-width: 40rem }}</style>
{content}
</html>
"""

router = APIRouter(
    prefix="/problems",
    include_in_schema=False,
    default_response_class=HTMLResponse,
    route_class=HeadRoute,
)


def render_text(text: str) -> str:
    """Write a text of the table as HTML."""
    return re.sub("`(.+?)`", r"<code>\1</code>", escape(text))


def render(problem: ProblemType) -> str:
    """Write the page of one problem."""
    content = (
        f"<h1>{render_text(problem.title)}</h1>\n"
        f"<p><code>{problem.uri}</code>, status {problem.status.value} {problem.status.phrase}\n"
        f"<h2>What it means</h2>\n<p>{render_text(problem.meaning)}\n"
        f"<h2>What to do</h2>\n<p>{render_text(problem.remedy)}\n"
        '<p><a href="./">All problems</a>'
    )
    return PAGE.format(title=escape(problem.title), content=content)


@router.get("/")
async def list_problems() -> str:
    """List every problem."""
    rows = "\n".join(
        f'<li>{problem.status.value} <a href="{slug}">{render_text(problem.title)}</a>'
        for slug, problem in PROBLEMS.items()
    )
    return PAGE.format(title="Problems", content=f"<h1>Problems</h1>\n<ul>\n{rows}\n</ul>")


@router.get("/{slug}")
async def read_problem(slug: str) -> str:
    """Explain one problem."""
    if slug not in PROBLEMS:
        raise ProblemError(catalogue.NOT_FOUND, "There is no problem of this name.")
    return render(PROBLEMS[slug])
