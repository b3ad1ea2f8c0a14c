import re
import subprocess
from collections.abc import Iterator
from uuid import uuid4

import pytest
from packaging.requirements import Requirement
from support.container_engine import ROOT, container, docker, fetch, wait_until_healthy

pytestmark = pytest.mark.docker

LIST_INSTALLED = """
import importlib.metadata, sys
folders = [folder for folder in sys.path if ".venv" in folder]
for found in importlib.metadata.distributions(path=folders):
    print(found.name.lower().replace("_", "-") + "==" + found.version)
"""
LIST_FILES = "find / -xdev -type f"
# No database is there: the service starts all the same, and lives.
NOWHERE = (
    "--env=APP_DATABASE_URL=postgresql+asyncpg://app:hunter2@127.0.0.1:1/app",
    "--env=APP_CURSOR_SECRET=a secret of thirty-two characters",
)


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    name = f"fastapi-single-process-test:{uuid4().hex}"
    docker("build", "--tag", name, ".")
    yield name
    docker("image", "rm", "--force", name)


def run(image: str, *command: str, user: str = "appuser") -> str:
    return docker("run", "--rm", "--network=none", f"--user={user}", image, *command)


def locked() -> set[str]:
    """Give what uv.lock names for a production install on Linux, as name==version."""
    export = "uv export --frozen --no-dev --no-emit-project --no-hashes --no-annotate --no-header"
    lines = subprocess.run(export.split(), cwd=ROOT, capture_output=True, text=True, check=True)
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    wanted = map(Requirement, lines.stdout.splitlines())
    return {
        f"{one.name}{one.specifier}"
        for one in wanted
        if one.marker is None or one.marker.evaluate(linux)
    }


def test_it_holds_exactly_what_the_lock_names(image: str) -> None:
    installed = set(run(image, "python", "-c", LIST_INSTALLED).split())

    assert installed == locked() | {"fastapi-single-process==0.1.0"}


def test_its_user_is_appuser_and_owns_nothing_of_it(image: str) -> None:
    assert docker("image", "inspect", "--format", "{{.Config.User}}", image) == "appuser"
    assert run(image, "find", "/app", "-writable", "-not", "-name", ".lock") == ""


def test_it_holds_no_tool_no_test_and_no_secret(image: str) -> None:
    files = run(image, *LIST_FILES.split(), user="root").splitlines()

    tools = re.compile(r"/bin/(uvx?|gcc|g\+\+|cc|c\+\+|ld|make|git|pytest|mypy|ruff)$")
    leftovers = re.compile(
        r"^/app/(?!\.venv/|alembic/|pyproject\.toml$)|/\.cache/|/\.env$"
        r"|site-packages/(tests|conftest)|pgserver"
    )
    assert [file for file in files if tools.search(file) or leftovers.search(file)] == []


def test_it_adds_less_than_70_megabytes_to_its_base(image: str) -> None:
    base = re.findall(r"^FROM (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]

    sizes = docker("image", "inspect", "--format", "{{.Size}}", image, base).split()

    assert int(sizes[0]) - int(sizes[1]) < 70_000_000


def test_it_answers_from_a_read_only_root_without_capabilities(image: str) -> None:
    hardened = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
    with container(image, *hardened, *NOWHERE, "--publish=127.0.0.1::8000") as name:
        wait_until_healthy(name)

        address = docker("port", name, "8000")
        assert fetch(f"http://{address}/api/v1/live")["status"] == "alive"


def test_sigterm_stops_it_in_good_order(image: str) -> None:
    with container(image, *NOWHERE) as name:
        wait_until_healthy(name)

        # Docker would end it with SIGKILL and status 137 only after a minute.
        docker("stop", "--time", "60", name)

        assert docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0"
        log = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True)
        assert "Application shutdown complete." in log.stderr


def test_without_what_nobody_can_guess_it_refuses_to_start_and_names_it(image: str) -> None:
    command = ["docker", "run", "--rm", "--network=none", image]

    refused = subprocess.run(command, capture_output=True, text=True, check=False)

    *_, url, secret = refused.stderr.splitlines()
    assert refused.returncode != 0
    assert url.endswith("APP_DATABASE_URL is not set, and APP_ENVIRONMENT is production")
    assert secret == "APP_CURSOR_SECRET is not set, and APP_ENVIRONMENT is production"


def test_migrations_run_from_inside_it(image: str) -> None:
    variables = [option.removeprefix("--env=") for option in NOWHERE]

    sql = run(image, "env", *variables, "alembic", "upgrade", "head", "--sql")

    assert "CREATE TABLE health_checks" in sql
