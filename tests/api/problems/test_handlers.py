"""Every error leaves as a problem document, and takes no secret with it."""

import ast
import logging
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from httpx2 import AsyncClient
from sqlalchemy import text
from support.running import running

import fastapi_single_process
from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.problems.catalogue import PROBLEMS
from fastapi_single_process.api.problems.exception import ProblemError
from fastapi_single_process.api.protocol.requests import ContractRoute
from fastapi_single_process.config import Settings
from fastapi_single_process.db.failures import DatabaseBusyError, DatabaseUnavailableError
from fastapi_single_process.db.server_version import ServerTooOldError
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.db.transactions import run_transaction
from fastapi_single_process.main import create_app
from fastapi_single_process.schemas.problem import Problem
from fastapi_single_process.services.errors import InsufficientFundsError

NOWHERE = "postgresql+asyncpg://app:hunter2@127.0.0.1:1/app"
SOURCE = Path(fastapi_single_process.__path__[0])


class OverdraftError(InsufficientFundsError):
    """A refusal that somebody adds later."""


FAILURES = {
    "unavailable": DatabaseUnavailableError("hunter2"),
    "busy": DatabaseBusyError("hunter2"),
    "old": ServerTooOldError("hunter2"),
    "refused": OverdraftError(),
    "file": FileNotFoundError("hunter2"),
    "late": TimeoutError("hunter2"),
    "unexpected": RuntimeError("hunter2"),
}
INSERT = "INSERT INTO accounts (name, currency, allow_negative) VALUES (:name, NULL, true)"
RAISE = "/sql?statement=DO $$ BEGIN RAISE {} USING MESSAGE = 'hunter2'; END $$"


@pytest.fixture(autouse=True)
def failures(app: FastAPI) -> None:
    """Give the application routes that fail in every way there is."""
    router = APIRouter(route_class=ContractRoute)

    @router.get("/failures/{name}")
    async def fail(name: str) -> None:
        raise FAILURES[name]

    @router.get("/statuses/{status}")
    async def refuse(status: int) -> None:
        raise HTTPException(status, headers={"X-Reason": "test"})

    async def run(session: AsyncSession, /, statement: str, **values: object) -> None:
        await session.execute(text(statement), values)

    @router.get("/insert/{name}")
    async def insert(state: StateDep, name: str) -> None:
        await run_transaction(state["sessions"], run, INSERT, name=name)

    @router.get("/sql")
    async def send(state: StateDep, statement: str) -> None:
        await run_transaction(state["sessions"], run, statement)

    app.include_router(router)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with running(app, raise_app_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/failures/unavailable", 503, "database-unavailable"),
        ("/failures/old", 503, "database-unavailable"),
        ("/failures/busy", 503, "too-busy"),
        ("/failures/refused", 409, "insufficient-funds"),
        ("/failures/file", 500, "internal-error"),
        ("/failures/late", 500, "internal-error"),
        ("/failures/unexpected", 500, "internal-error"),
        (RAISE.format("disk_full"), 503, "database-unavailable"),
        (RAISE.format("lock_not_available"), 503, "too-busy"),
        (RAISE.format("undefined_table"), 500, "internal-error"),
        ("/statuses/400", 400, "malformed-request"),
        ("/statuses/404", 404, "not-found"),
        ("/sql?statement=SELECT hunter2", 500, "internal-error"),
    ],
)
async def test_an_error_is_told_as_a_problem_without_its_reason(
    client: AsyncClient, path: str, status: int, slug: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert Problem.model_validate(answer.json()).type == f"/problems/{slug}"
    assert not re.search("hunter2|SELECT|Traceback|Error", answer.text)


async def test_a_database_that_is_down_is_a_503(app: FastAPI) -> None:
    down = create_app(Settings.model_validate({"database_url": NOWHERE}))
    down.router.routes.extend(app.router.routes)

    async with running(down) as client:
        answer = await client.get("/sql?statement=SELECT 1")

    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/database-unavailable"
    assert answer.headers["retry-after"] == "1"


async def test_a_status_without_a_problem_of_ours_tells_no_more_than_the_status(
    client: AsyncClient,
) -> None:
    answer = await client.get("/statuses/418")

    assert answer.status_code == 418
    assert answer.headers["x-reason"] == "test"
    assert answer.json()["type"] == "about:blank"
    assert answer.json()["title"] == "I'm a Teapot"


async def test_the_log_names_the_instance_and_the_reason(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.get("/failures/unexpected")

    instance = answer.json()["instance"]
    assert UUID(instance).version == 4
    [record] = [record for record in caplog.records if instance in record.getMessage()]
    assert record.levelno == logging.ERROR
    assert record.exc_info
    assert record.exc_info[1] is FAILURES["unexpected"]


async def test_the_log_says_once_and_in_one_line_why_the_database_does_not_serve(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await client.get(RAISE.format("disk_full"))

    [record] = [record for record in caplog.records if "53100" in record.getMessage()]
    assert record.getMessage() == "The database can't be reached: 53100: hunter2"
    assert not any(record.exc_info for record in caplog.records)


async def test_no_value_of_a_row_comes_out_of_a_statement_that_fails(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.get("/insert/canary")

    assert answer.status_code == 500
    assert "canary" not in answer.text
    said = [record for record in caplog.records if record.exc_info]
    assert said
    logged = caplog.text.replace("'/insert/canary'", "")  # the path, and no row
    assert "null value in column" in logged
    assert "canary" not in logged


async def test_a_client_can_write_no_line_of_the_log(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    await client.get("/nowhere%0AERROR: all is lost")

    assert "/problems/not-found" in caplog.text
    assert "\nERROR: all" not in caplog.text


@pytest.mark.parametrize("slug", PROBLEMS)
async def test_a_type_leads_to_a_page_that_says_what_to_do(client: AsyncClient, slug: str) -> None:
    problem = PROBLEMS[slug]

    page = await client.get(problem.uri)
    head = await client.head(problem.uri)

    assert page.status_code == head.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f"status {problem.status.value} {problem.status.phrase}" in page.text
    assert f'<a href="{slug}">' in (await client.get("/problems/")).text


async def test_behind_a_prefix_a_type_leads_to_its_page(app: FastAPI, client: AsyncClient) -> None:
    app.root_path = "/ledger"

    answer = await client.get("/ledger/nowhere")

    assert answer.json()["type"] == "/ledger/problems/not-found"
    assert "Nothing is here" in (await client.get(answer.json()["type"])).text


async def test_there_is_no_page_for_another_name(client: AsyncClient) -> None:
    answer = await client.get("/problems/%3Cscript%3E")

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


def test_no_page_loads_anything() -> None:
    assert not re.search(
        "src=|url\\(|https?:", (SOURCE / "api/problems/pages.py").read_text()[300:]
    )


def trees(folder: str) -> Iterator[ast.AST]:
    for file in (SOURCE / folder).rglob("*.py"):
        yield from ast.walk(ast.parse(file.read_text()))


def test_every_kind_of_problem_is_told_by_somebody() -> None:
    told = {node.attr for node in trees("api") if isinstance(node, ast.Attribute)}

    assert {slug for slug in PROBLEMS if slug.replace("-", "_").upper() not in told} == set()
    assert {name for name in vars(catalogue) if name.isupper()} == {
        "PROBLEMS",
        *(slug.replace("-", "_").upper() for slug in PROBLEMS),
    }


def test_every_kind_of_problem_is_provoked_by_a_test() -> None:
    tests = "".join(file.read_text() for file in Path(__file__).parents[2].rglob("test_*.py"))

    assert [slug for slug in PROBLEMS if f'"{slug}"' not in tests] == []


def test_http_raises_nothing_but_problems() -> None:
    raised = {
        ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        for node in trees("api")
        if isinstance(node, ast.Raise) and node.exc is not None
    }

    assert raised == {ProblemError.__name__}
