import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from support.container_engine import ROOT, docker, fetch, wait_until_healthy

pytestmark = pytest.mark.docker

type Compose = Callable[..., str]


@pytest.fixture
def compose() -> Iterator[Compose]:
    """Run docker compose in a project of the test's own, on free ports; all of it goes."""
    names = {"COMPOSE_PROJECT_NAME": uuid4().hex, "SERVICE_PORT": "0", "POSTGRES_PORT": "0"}

    def run(*arguments: str) -> str:
        result = subprocess.run(
            ["docker", "compose", *arguments],
            cwd=ROOT,
            env=os.environ | names,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr[-4000:]
        return result.stdout.strip()

    yield run
    run("down", "--volumes", "--rmi=local", "--timeout=1")


def state(container: str) -> dict[str, int | str]:
    found: dict[str, int | str] = json.loads(
        docker("inspect", "--format={{json .State}}", container)
    )
    return found


def moment(text: int | str) -> datetime:
    return datetime.fromisoformat(str(text)[:26].rstrip("Z") + "+00:00")


def psql_as(role: str) -> list[str]:
    user = f"--username={role}"
    return ["exec", "-T", "postgres", "psql", user, "--dbname=app", "--tuples-only", "--command"]


def test_from_nothing_to_healthy_with_the_migrations_before_the_service(
    compose: Compose, compose_rounds: int
) -> None:
    compose("build", "--quiet")
    for _ in range(compose_rounds):
        compose("up", "--detach")

        app, migrate = (compose("ps", "--all", "--quiet", one) for one in ("app", "migrate"))
        wait_until_healthy(app)
        assert state(migrate)["ExitCode"] == 0
        assert moment(state(migrate)["FinishedAt"]) < moment(state(app)["StartedAt"])
        address = compose("port", "app", "8000")
        assert fetch(f"http://{address}/api/v1/health")["database"] == "connected"

        compose("down", "--volumes", "--timeout=1")


def test_what_is_stored_outlives_the_containers(compose: Compose) -> None:
    psql = psql_as("owner")
    compose("up", "--detach", "--build")
    compose(*psql, "INSERT INTO health_checks DEFAULT VALUES")

    compose("down", "--timeout=1")
    compose("up", "--detach")

    assert compose(*psql, "SELECT count(*) FROM health_checks").strip() == "2"


def test_the_service_s_role_owns_nothing_and_its_container_has_no_other(compose: Compose) -> None:
    psql = psql_as("app")
    compose("up", "--detach", "--build")
    wait_until_healthy(compose("ps", "--all", "--quiet", "app"))

    assert compose(*psql, "SELECT count(*) FROM health_checks") == "1"
    with pytest.raises(AssertionError, match="must be owner of table health_checks"):
        compose(*psql, "ALTER TABLE health_checks DISABLE TRIGGER ALL")
    assert "owner" not in compose("exec", "-T", "app", "env")


def test_one_env_file_serves_compose_and_the_alembic_of_the_host(
    compose: Compose, tmp_path: Path
) -> None:
    example = (ROOT / ".env.example").read_text().replace(":development@", ":pass%2Fword@")
    (tmp_path / ".env").write_text(example)
    file = ["--project-directory", str(ROOT), "--env-file", str(tmp_path / ".env")]

    given = compose(*file, "config")

    lines = [line for line in example.splitlines() if line.startswith("APP_")]
    assert len(lines) == 2
    for line in lines:
        assert f"{line.replace('=', ': ', 1)}\n" in given
