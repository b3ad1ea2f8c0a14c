import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import uuid4

import pytest
from container_engine import ROOT, docker, fetch, wait_until_healthy

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
    psql = ["exec", "-T", "postgres", "psql", "--username=app", "--tuples-only", "--command"]
    compose("up", "--detach", "--build")
    compose(*psql, "INSERT INTO health_checks DEFAULT VALUES")

    compose("down", "--timeout=1")
    compose("up", "--detach")

    assert compose(*psql, "SELECT count(*) FROM health_checks").strip() == "2"
