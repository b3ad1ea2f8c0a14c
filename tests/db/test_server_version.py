"""A server that is too old is refused, in one line, before anything fails in a stranger way."""

import logging
import re

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from httpx2 import AsyncClient

from fastapi_single_process.db import server_version

REFUSED = r"PostgreSQL \d+\.\d+ is too old: 99 or newer is needed"


def test_no_migration_runs_on_it(alembic: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_version, "OLDEST", 99)

    with pytest.raises(CommandError, match=rf"^{REFUSED}$"):
        command.upgrade(alembic, "head")


@pytest.mark.commits
async def test_the_service_starts_and_says_why_it_is_unhealthy(
    client: AsyncClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as tomorrow, caplog.at_level(logging.ERROR):
        tomorrow.setattr(server_version, "OLDEST", 99)
        answer = await client.get("/api/v1/health")

    assert answer.status_code == 503
    (record,) = caplog.records
    assert re.fullmatch(REFUSED, record.getMessage())
