"""The container engine, for the tests that need one."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any  # what JSON holds
from urllib.request import ProxyHandler, build_opener

__all__ = ["ROOT", "container", "docker", "engine_answers", "fetch", "wait_until_healthy"]

ROOT = Path(__file__).parents[2]


def docker(*arguments: str) -> str:
    """Run docker in the project's folder and return what it printed on standard output."""
    run = subprocess.run(
        ["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-4000:]
    return run.stdout.strip()


def engine_answers() -> bool:
    """Tell whether a container engine is there."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def fetch(url: str) -> Any:
    """Read JSON from this machine, past any proxy of the environment."""
    with build_opener(ProxyHandler({})).open(url, timeout=60) as answer:
        return json.load(answer)


@contextmanager
def container(image: str, *options: str) -> Iterator[str]:
    """Run an image in the background and give the container's id; it is gone afterwards."""
    name = docker("run", "--detach", *options, image)
    try:
        yield name
    finally:
        docker("rm", "--force", "--volumes", name)


def wait_until_healthy(name: str, *, seconds: int = 60) -> None:
    """Wait for the container's own health check to pass."""
    deadline = time.monotonic() + seconds
    while (status := docker("inspect", "-f", "{{.State.Health.Status}}", name)) != "healthy":
        assert time.monotonic() < deadline, f"{status}\n{docker('logs', name)}"
        time.sleep(0.2)
