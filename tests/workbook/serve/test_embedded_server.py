import os
import pwd
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.config import ConfigurationError
from fastapi_single_process.db.embedded import embedded_database

ODD = 'My Projects/it\'s $(touch here); `touch here` "100%" + Übung'
START = """
import sys
from pathlib import Path
from fastapi_single_process.config import ConfigurationError
from fastapi_single_process.db.embedded import embedded_database
try:
    with embedded_database(Path(sys.argv[1])):
        pass
except ConfigurationError as error:
    sys.exit(str(error))
"""
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="the user isn't root")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give an empty folder that every user may come to."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def start(data: Path, *, nickname: bool = False) -> str:
    """Start and stop it in a process that has an empty folder for temporary files; give errors.

    What it makes there is its user's own, and is made for an odd name alone.
    """
    with TemporaryDirectory() as temporary:
        Path(temporary, ".lockfile").mkdir()  # another user's, which nobody else can write
        environment = os.environ | {"TMPDIR": temporary}
        environment.pop("XDG_RUNTIME_DIR", None)
        command = [sys.executable, "-c", START, str(data)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        mine = [f"postgres-{os.geteuid()}"] if nickname else []
        assert sorted(path.name for path in Path(temporary).iterdir()) == [".lockfile", *mine]
    return done.stderr


def snapshot(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_uid, path.stat().st_mode) for path in folder.rglob("*")}


@pytest.mark.parametrize("name", [ODD, "long" * 30], ids=["odd", "long"])
async def test_a_folder_may_have_any_name(folder: Path, name: str) -> None:
    with embedded_database(folder / name / ".data" / "postgres") as url:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
        await engine.dispose()


def test_a_name_is_no_command(folder: Path) -> None:
    said = start(folder / ODD, nickname=True)

    assert said == ""
    assert [path for path in folder.rglob("*") if path.name == "here"] == []


def test_users_share_no_file(folder: Path) -> None:
    assert start(folder / ".data" / "postgres") == ""


@AS_ROOT
def test_root_opens_no_folder_and_says_how(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    before = snapshot(folder)

    said = start(home / ".data" / "postgres")

    advised = said.partition("`")[2].partition("`")[0]
    assert advised.startswith("chmod ")
    assert snapshot(folder) == before
    subprocess.run(shlex.split(advised), check=True)
    assert start(home / ".data" / "postgres") == ""


@AS_ROOT
@pytest.mark.parametrize("name", ["", ".data", ".data/postgres"])
def test_root_takes_nobodys_folder(folder: Path, name: str) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
    before = snapshot(folder)

    assert "not root's" in start(folder / ".data" / "postgres")

    assert snapshot(folder) == before


def test_a_database_is_never_advised_away(folder: Path) -> None:
    data = folder / "postgres"
    with embedded_database(data):
        pass
    (data / "postgresql.conf").write_text("no setting\n")

    with (
        pytest.raises(ConfigurationError, match=r"postgresql\.conf") as caught,
        embedded_database(data),
    ):
        pass

    assert "move the folder" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_of_something_else_is_put_away(folder: Path) -> None:
    data = folder / "postgres"
    data.mkdir()
    (data / "notes.txt").touch()

    with (
        pytest.raises(ConfigurationError, match=r"exists but is not empty; move the folder away"),
        embedded_database(data),
    ):
        pass

    assert [path.name for path in data.iterdir()] == ["notes.txt"]
