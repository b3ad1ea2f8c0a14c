"""The container engine, if there is one: whose containers are ours, and who may name an image."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from filelock import FileLock

__all__ = ["engine_answers", "hold_images", "remove_containers"]


@cache
def engine_answers() -> bool:
    """Whether `docker info` succeeds."""
    if shutil.which("docker") is None:
        return False
    done = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=60)
    return done.returncode == 0


def hold_images(place: str) -> FileLock:
    """A lock over the images that a page names: whoever follows it elsewhere has the same names."""
    name = hashlib.sha256(place.encode()).hexdigest()[:16]
    lock = FileLock(
        Path(tempfile.gettempdir()) / f"workbook-images-{name}.lock", mode=0o666, thread_local=False
    )
    lock.acquire()
    return lock


def remove_containers(environment: Mapping[str, str], ports: Sequence[int]) -> None:
    """Remove what a sandbox has made: its Compose project, and what publishes its ports.

    A stopped container publishes none and stays: it could be somebody else's. So the pages run
    containers with `--rm`.
    """
    name = environment["COMPOSE_PROJECT_NAME"]
    project = f"label=com.docker.compose.project={name}"
    filters = [project, *(f"publish={port}" for port in ports)]
    _remove(["rm", "--force", "--volumes"], [_list("ps", "--all", each) for each in filters])
    _remove(["volume", "rm", "--force"], [_list("volume", "ls", project)])
    _remove(["network", "rm"], [_list("network", "ls", project)])
    _remove(["image", "rm", "--force"], [_list("image", "ls", f"reference={name}*")])


def _list(*arguments: str) -> list[str]:
    *command, last = arguments
    done = subprocess.run(
        ["docker", *command, "--quiet", "--filter", last],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split()


def _remove(command: Sequence[str], found: Sequence[Sequence[str]]) -> None:
    names = sorted({name for some in found for name in some})
    if names:
        subprocess.run(["docker", *command, *names], capture_output=True, check=False)
