import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine

from workbook.project import Project

pytest_plugins = ["small_site"]

LAST_PORT = 65535
PATIENCE = 60  # seconds; a limit for a machine that is busy, not an expectation
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(autouse=True)
def _behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network's proxy, which nobody may ask for what is served on loopback."""
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


class Up:
    """A `workbook up` of its own process group, as a terminal starts it."""

    def __init__(self, project: Project, *arguments: str, **variables: str) -> None:
        self.root = project.root
        self.output = project.root.parent / "stdout"
        self.errors = project.root.parent / "stderr"
        inherited = {name: value for name, value in os.environ.items() if name[:4] != "APP_"}
        with self.output.open("w") as output, self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("workbook"), "up", "--port", "0", *arguments],
                cwd=project.root / "src",
                env=inherited | {"PYTHONPATH": str(project.root / "src")} | variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                process_group=0,
            )

    def wait_until(self, reached: Callable[[], bool]) -> None:
        """Wait for a condition, as long as the process lives."""
        limit = time.monotonic() + PATIENCE
        while not reached():
            assert self.process.poll() is None, self.errors.read_text()
            assert time.monotonic() < limit, self.errors.read_text()
            time.sleep(0.02)

    def ready(self) -> "Up":
        """Wait for the addresses."""
        self.wait_until(lambda: "Press Ctrl-C" in self.output.read_text())
        return self

    def get(self, path: str) -> tuple[int, str, str]:
        """Ask for a path; gives the status, the final address and the body."""
        found = re.search(r"http://127\.0\.0\.1:\d+", self.output.read_text())
        assert found
        try:
            with DIRECTLY.open(found[0] + path, timeout=PATIENCE) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.url, error.read().decode()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the whole group, as a terminal does."""
        os.killpg(self.process.pid, number)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; gives the exit status."""
        self.send(number)
        return self.process.wait(PATIENCE)

    def left_running(self) -> list[str]:
        """What still runs of it: commands that name its folder, members of its group."""
        mine = [
            process
            for process in psutil.process_iter(["cmdline", "status"])
            if process.info["status"] != psutil.STATUS_ZOMBIE
            and (self._names_root(process) or self._in_group(process))
        ]
        _, alive = psutil.wait_procs(mine, timeout=5)  # the last moments of a stopped server
        return [" ".join(process.info["cmdline"] or ()) for process in alive]

    def _names_root(self, process: psutil.Process) -> bool:
        return any(str(self.root) in word for word in process.info["cmdline"] or ())

    def _in_group(self, process: psutil.Process) -> bool:
        try:
            return os.getpgid(process.pid) == self.process.pid
        except ProcessLookupError:
            return False


@pytest.fixture
def served(
    project: Project, add_site: Callable[[Project], None], add_service: Callable[[Project], None]
) -> Iterator[Project]:
    """A project with a site and a service.

    Not below `tmp_path`: each pytest that starts closes the folder of all of a user's `tmp_path`
    to others, and for root PostgreSQL runs as another user.
    """
    with tempfile.TemporaryDirectory(prefix="workbook-up-") as folder:
        moved = Project(Path(shutil.move(project.root, folder)))
        add_site(moved)
        add_service(moved)
        yield moved


@pytest.fixture
def start(served: Project) -> Iterator[Callable[..., Up]]:
    """Start `workbook up` in the project; it is stopped at the end."""
    started: list[Up] = []

    def start(*arguments: str, project: Project = served, **variables: str) -> Up:
        started.append(Up(project, *arguments, **variables))
        return started[-1]

    yield start
    for up in started:
        if up.process.poll() is None:
            up.end(signal.SIGTERM)


def test_one_process_serves_the_service_and_the_site(start: Callable[..., Up]) -> None:
    up = start().ready()

    status, _, body = up.get("/api/v1/health")
    assert (status, json.loads(body)["database"]) == (200, "connected")
    assert up.get("/docs")[0] == 200
    assert up.get("/api/v1/nothing")[0] == 404
    status, url, body = up.get("/workbook")
    assert (status, url[-10:]) == (200, "/workbook/")
    assert "phase-02-middle" in body
    assert up.get("/workbook/evolution/02-middle/")[0] == 200
    assert up.get("/workbook/nothing/")[0] == 404


def test_the_front_page_leads_to_all_that_is_served(start: Callable[..., Up]) -> None:
    up = start().ready()

    status, _, body = up.get("/")

    assert status == 200
    links = re.findall(r'href="([^"]+)"', body)
    printed = re.findall(r"http://127\.0\.0\.1:\d+/(\S+)", up.output.read_text())
    assert links == printed
    assert [up.get(f"/{link}")[0] for link in links] == [200, 200, 200]


def test_the_addresses_are_printed_when_they_answer(start: Callable[..., Up]) -> None:
    lines = start().ready().output.read_text().splitlines()

    assert [line.split()[0] for line in lines] == [
        "database",
        "service",
        "API",
        "workbook",
        "Press",
    ]
    assert "embedded PostgreSQL, data in .data/postgres" in lines[0]


def test_without_the_site_only_the_service_answers(
    served: Project, start: Callable[..., Up]
) -> None:
    up = start("--no-site").ready()

    assert up.get("/api/v1/health")[0] == 200
    assert up.get("/workbook/")[0] == 404
    assert not (served.state / "site").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_that_it_started(
    start: Callable[..., Up], number: signal.Signals
) -> None:
    up = start("--no-site").ready()

    status = up.end(number)

    assert status == 0
    assert up.left_running() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_impatient_user_leaves_nothing_running(
    start: Callable[..., Up], number: signal.Signals
) -> None:
    up = start("--no-site").ready()

    while up.process.poll() is None:
        up.send(number)
        time.sleep(0.01)

    assert up.left_running() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["postgres", "postgres/PG_VERSION", "postgres/log"])
def test_a_signal_during_the_start_of_postgresql_leaves_none(
    served: Project, start: Callable[..., Up], number: signal.Signals, moment: str
) -> None:
    up = start("--no-site")
    up.wait_until((served.root / ".data" / moment).exists)

    up.end(number)

    assert up.left_running() == []


async def run(project: Project, statement: str) -> list[object]:
    """Run a statement on the embedded PostgreSQL, and give the first column of what it answers."""
    lines = (project.root / ".data/postgres/postmaster.pid").read_text().splitlines()
    url = URL.create("postgresql+asyncpg", "postgres", database="postgres")
    engine = create_async_engine(url.update_query_dict({"host": lines[4]}))
    async with engine.begin() as connection:
        result = await connection.execute(text(statement))
        values: list[object] = list(result.scalars()) if result.returns_rows else []
    await engine.dispose()
    return values


def test_a_second_start_finds_the_data_of_the_first(
    served: Project, start: Callable[..., Up]
) -> None:
    first = start("--no-site").ready()
    asyncio.run(run(served, "CREATE TABLE kept AS SELECT 42 AS answer"))
    first.end(signal.SIGTERM)

    start("--no-site").ready()

    assert asyncio.run(run(served, "SELECT answer FROM kept")) == [42]


def test_the_database_is_migrated(served: Project, start: Callable[..., Up]) -> None:
    up = start("--no-site").ready()

    newest = max((served.root / "alembic" / "versions").glob("*.py")).read_text()
    revision = re.search(r'^revision.*"(\w+)"', newest, re.MULTILINE)
    assert revision
    assert f"-> {revision[1]}" in up.errors.read_text()


def test_a_changed_source_is_served_after_a_reload(
    served: Project, start: Callable[..., Up]
) -> None:
    up = start("--reload").ready()
    main = served.root / "src" / "fastapi_single_process" / "main.py"
    text = main.read_text()
    assert 'title="fastapi-single-process"' in text

    main.write_text(text.replace('title="fastapi-single-process"', 'title="changed"'))

    def changed() -> bool:
        try:
            return '"title":"changed"' in up.get("/openapi.json")[2]
        except OSError:  # the process that had taken the request is the one that goes
            return False

    up.wait_until(changed)
    assert up.get("/workbook/")[0] == 200
    assert up.end(signal.SIGTERM) == 0
    assert up.left_running() == []


def test_a_folder_may_have_any_name(served: Project, start: Callable[..., Up]) -> None:
    odd = served.root.parent / "My Projects" / "it's $(here)"
    odd.parent.mkdir()
    served.root.rename(odd)

    up = start("--no-site", project=Project(odd)).ready()

    assert up.get("/api/v1/health")[0] == 200
    assert up.end(signal.SIGTERM) == 0
    assert up.left_running() == []


def test_a_port_in_use_is_refused_before_anything_starts(
    served: Project, start: Callable[..., Up]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert_refused(start("--port", str(port)), f"port {port} can't be used: Address already")

    assert not (served.root / ".data").exists()


def test_what_is_advised_for_a_port_in_use_works(start: Callable[..., Up]) -> None:
    with ExitStack() as stack:
        with suppress(OSError):  # somebody has it already
            stack.enter_context(socket.create_server(("127.0.0.1", LAST_PORT)))
        refused = start("--port", str(LAST_PORT))
        assert refused.process.wait(PATIENCE) == 1
        advised = re.search(r"`workbook up (.*)`", refused.errors.read_text())
        assert advised

        up = start(*advised[1].split(), "--no-site").ready()

    assert up.get("/api/v1/health")[0] == 200


def a_file(*names: str) -> Callable[[Project], None]:
    # Also for root, who may write in any folder.
    def make(project: Project) -> None:
        for name in names:
            (project.root / name).write_text("")

    return make


def old_database(project: Project) -> None:
    data = project.root / ".data" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")


@pytest.mark.parametrize(
    ("arrange", "variables", "said"),
    [
        (a_file(".workbook"), {}, r"/\.workbook: the workbook can't write its own folder"),
        (a_file(".data"), {}, r"PostgreSQL can't use the folder \.data/postgres"),
        (old_database, {}, r"\.data/postgres: .*expecting version \d+ but found version 16"),
        (
            a_file(),
            {"APP_DATABASE_URL": "postgresql+asyncpg://u:secret@127.0.0.1:1/d"},
            r"u:\*\*\*@127\.0\.0\.1:1/d does not answer",
        ),
        (a_file(), {"APP_DATABASE_URL": "mysql://"}, "APP_DATABASE_URL: "),
        (a_file(), {"APP_LOGLEVEL": "INFO"}, "APP_LOGLEVEL is no setting"),
    ],
    ids=["state", "data", "version", "database", "URL", "variable"],
)
def test_what_prevents_the_start_is_said_in_one_line(
    served: Project,
    start: Callable[..., Up],
    arrange: Callable[[Project], None],
    variables: dict[str, str],
    said: str,
) -> None:
    shutil.rmtree(served.state, ignore_errors=True)
    arrange(served)

    up = start("--no-site", **variables)

    assert_refused(up, said)
    assert "secret" not in up.errors.read_text()


def assert_refused(up: Up, said: str) -> None:
    """It ended by itself: one line of what, then indented what to do; nothing else."""
    assert up.process.wait(PATIENCE) == 1
    first, *rest = up.errors.read_text().splitlines()
    assert re.search(f"^workbook: .*{said}", first)
    assert [line for line in rest if not line.startswith("  ")] == []
    assert up.output.read_text() == ""
    assert up.left_running() == []


def test_a_service_that_fails_to_start_ends_the_command(
    served: Project, start: Callable[..., Up]
) -> None:
    main = served.root / "src" / "fastapi_single_process" / "main.py"
    main.write_text(main.read_text() + BROKEN)

    up = start("--no-site")

    assert up.process.wait(PATIENCE) == 1
    assert "the service did not start" in up.errors.read_text()
    assert up.left_running() == []


BROKEN = """

@asynccontextmanager
async def broken(app: object) -> AsyncIterator[None]:
    raise RuntimeError("broken on purpose")
    yield


app.router.lifespan_context = broken
"""
