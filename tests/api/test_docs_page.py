"""The page of the API's documentation, where no foreign host can be reached."""

import re

import pytest
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from httpx2 import AsyncClient
from support.running import running

from fastapi_single_process.config import Settings
from fastapi_single_process.main import create_app


@pytest.mark.parametrize("prefix", ["", "/ledger"])
async def test_all_that_the_page_needs_is_here(
    app: FastAPI, client: AsyncClient, prefix: str
) -> None:
    app.root_path = prefix

    page = (await client.get(f"{prefix}/docs")).text
    needed = re.findall(r"(?:src|href|url)(?:=|: )[\"']([^\"']+)", page)

    assert "//" not in "".join(needed)
    assert f"{prefix}/openapi.json" in needed
    assert len(needed) == 4
    for one in needed:
        assert (await client.get(one)).status_code == 200


async def test_its_files_may_be_kept_and_are_what_they_say(client: AsyncClient) -> None:
    script = await client.get("/docs/swagger-ui-bundle.js")
    style = await client.get("/docs/swagger-ui.css")

    assert script.headers["cache-control"] == style.headers["cache-control"] == "max-age=86400"
    assert script.headers["content-type"].startswith("text/javascript")
    assert style.headers["content-type"].startswith("text/css")


async def test_the_script_is_of_the_version_that_fastapi_writes_the_page_for(
    client: AsyncClient,
) -> None:
    html = bytes(get_swagger_ui_html(openapi_url="/", title="").body).decode()
    [expected] = set(re.findall(r"swagger-ui-dist@(\d+)/", html))

    script = (await client.get("/docs/swagger-ui-bundle.js")).text

    assert f'PACKAGE_VERSION:"{expected}.' in script


@pytest.mark.parametrize("name", ["redoc.standalone.js", "..%2F__init__.py", "__init__.py"])
async def test_nothing_else_of_the_package_is_served(client: AsyncClient, name: str) -> None:
    assert (await client.get(f"/docs/{name}")).status_code == 404


async def test_without_documentation_its_files_are_not_there(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"docs_enabled": False}))

    async with running(app) as client:
        assert (await client.get("/docs/swagger-ui.css")).status_code == 404
