"""Packages without an index: what a page installs is in uv's cache before the page begins.

A lock names every file, so that its wheels can be downloaded without asking what is newest. A
page then runs offline, with a cache that holds wheels and none of an index's answers: whatever a
chapter still asked an index would fail at once, here as everywhere.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import Distribution, distribution
from pathlib import Path

import uv
from packaging.requirements import Requirement

from workbook.machine import MachineError

__all__ = [
    "LOCKED",
    "OFFLINE",
    "PackagesError",
    "download",
    "index_answers",
    "link_cache",
    "link_packages",
    "offline",
    "write_wheels",
]

LOCKED = ("pyproject.toml", "uv.lock")
"""The files that say what a project installs."""

_BACKEND = ("hatchling", "editables")
"""What builds the first phase, in an environment of its own that no lock describes yet."""

# What an index has said: versions, and which files a version has.
_ANSWERS = ("simple-", "flat-index-")
# What belongs to a cache folder itself, or to one run of uv.
_OWN = ("CACHEDIR.TAG", ".", "builds-", "environments-")

OFFLINE = ("UV_OFFLINE", "UV_FIND_LINKS")
"""The variables of a sandbox that a command which asks an index must not have."""


class PackagesError(MachineError):
    """What a page installs can't be had."""


def offline(folder: Path, cache: Path) -> dict[str, str]:
    """The variables of a sandbox that has the packages of uv's `cache`, and the build backend."""
    link_cache(cache, folder / "cache")
    write_wheels(_BACKEND, folder / "wheels")
    return {
        "UV_CACHE_DIR": str(folder / "cache"),
        "UV_FIND_LINKS": str(folder / "wheels"),
        "UV_OFFLINE": "1",
    }


def link_cache(cache: Path, into: Path) -> None:
    """Make a cache of the same packages and no answer of an index."""
    into.mkdir()
    for entry in cache.iterdir() if cache.is_dir() else ():
        if not entry.name.startswith(_ANSWERS + _OWN):
            (into / entry.name).symlink_to(entry)


@cache
def download(project: bytes, lock: bytes) -> None:
    """Bring what a lock names into uv's cache; `project` is the pyproject.toml that it fits.

    What is there isn't downloaded again. Raises `PackagesError` if something can't be had.
    """
    with tempfile.TemporaryDirectory(prefix="workbook-lock-") as folder:
        Path(folder, "pyproject.toml").write_bytes(project)
        Path(folder, "uv.lock").write_bytes(lock)
        command = ["sync", "--frozen", "--no-install-local", "--all-groups", "--quiet"]
        command += ["--python", sys.executable]
        done = _uv("--offline", *command, directory=folder)
        if done.returncode != 0:
            done = _uv(*command, directory=folder)
    if done.returncode != 0:
        raise PackagesError(
            f"the packages of a lock can't be had: {done.stderr.strip()}",
            remedy="Reach a package index once: what was downloaded is kept in uv's cache.",
        )


def write_wheels(names: Iterable[str], into: Path) -> None:
    """Write the wheels of installed packages, and of what they need, as they are installed."""
    into.mkdir()
    for each in _closure(names):
        tag = re.search(r"^Tag: (\S+)", each.read_text("WHEEL") or "", re.MULTILINE)
        name = f"{each.name.replace('-', '_')}-{each.version}-{tag[1] if tag else 'py3-none-any'}"
        with zipfile.ZipFile(into / f"{name}.whl", "w") as wheel:
            for file in _files(each):
                wheel.write(str(each.locate_file(file)), file)


def link_packages(names: Iterable[str], into: Path) -> None:
    """Make a folder for `sys.path` of installed packages and of what they need; its `bin`, too."""
    for each in _closure(names):
        for file in each.files or ():
            inside = file.parts[0] != ".."
            link = into / file.parts[0] if inside else into / "bin" / file.name
            source = each.locate_file(file.parts[0] if inside else file)
            if not link.is_symlink():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(str(source))


def _closure(names: Iterable[str]) -> Iterator[Distribution]:
    """The installed packages of these names, and those that they require here."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        requirement = Requirement(waiting.pop())
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if requirement.name in seen or not applies:
            continue
        seen.add(requirement.name)
        each = distribution(requirement.name)
        waiting += each.requires or ()
        yield each


def _files(each: Distribution) -> Iterator[str]:
    """The files of an installed package that its wheel held, without scripts and bytecode."""
    for file in each.files or ():
        if file.parts[0] != ".." and "__pycache__" not in file.parts:
            yield file.as_posix()


@cache
def index_answers() -> bool:
    """Whether a package index can be asked, by the user's own settings of uv."""
    if "UV_OFFLINE" in os.environ:
        return False
    with tempfile.TemporaryDirectory(prefix="workbook-index-") as folder:
        command = ("--no-cache", "pip", "compile", "--no-deps", "--quiet", "-")
        return _uv(*command, directory=folder, stdin="iniconfig").returncode == 0


def _uv(*arguments: str, directory: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [uv.find_uv_bin(), *arguments],
        cwd=directory,
        env={name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
