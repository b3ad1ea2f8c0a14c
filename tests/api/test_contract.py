"""The service is asked what its own OpenAPI document allows, and what it doesn't."""

import subprocess
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from support.container_engine import ROOT
from support.running import serving


def ask(address: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Let Schemathesis make up some requests, and hold the answers to the document."""
    config = f"--config-file={ROOT / 'schemathesis.toml'}"
    some = ["--max-examples=10", *options]
    command = ["schemathesis", config, "run", *some, f"{address}/openapi.json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """Give the address at which the application is served over HTTP."""
    with serving(app) as address:
        yield address


@pytest.mark.commits
def test_an_answer_that_it_does_not_allow_is_found(app: FastAPI, address: str) -> None:
    @app.get("/mistaken", response_model=int)
    async def answer_badly(number: int) -> int:
        return 1 // number

    run = ask(address, "--include-path=/mistaken")

    assert run.returncode == 1
    assert "GET /mistaken" in run.stdout
    assert "Server error" in run.stdout
