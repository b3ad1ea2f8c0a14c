"""A phase's tree, in which everything that it takes from outside is moved to the newest."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError

from workbook.replay.shell import Outcome, Shell, ShellError
from workbook.rot.reasons import first_reason
from workbook.rot.toolchain import newest_python, newest_uv

__all__ = ["BrokenError", "Trial"]

_PINS = ("build-constraint-dependencies", "exclude-newer", "exclude-newer-package")


class BrokenError(Exception):
    """A command failed, or time is over; the message names the command and the reason."""


class Trial:
    """A shell in a phase's tree, and the time that all of its commands have together."""

    def __init__(self, shell: Shell, *, limit: float, report: Callable[[str], None]) -> None:
        """Start the clock: `limit` seconds. `report` hears of each long command before it runs."""
        self._shell = shell
        self._tree = shell.cwd
        self._limit = limit
        self._end = time.monotonic() + limit
        self._report = report

    def take_uv(self, folder: Path) -> str:
        """Use the newest uv from here on, through links in `folder`; gives its name.

        If the index doesn't give it, the uv that is there stays, and its name says so.
        """
        binary, missing = newest_uv(self._ask)
        if binary is not None:
            folder.mkdir()
            for name in ("uv", "uvx"):
                (folder / name).symlink_to(binary.with_name(name))
            self._ask(f"export PATH={quote(str(folder))}:$PATH")
        name = self._ask("uv self version --short 2>/dev/null").output.strip()
        return name if binary is not None else f"{name} (the newest can't be had: {missing})"

    def take_python(self, request: str | None) -> str:
        """Use a Python from here on, the newest here that the phase admits; gives its version."""
        admitted = _project(self._tree).get("requires-python", "")
        chosen = request or newest_python(self._ask, admitted)
        if chosen is not None:
            self._ask(f"export UV_PYTHON={quote(chosen)}")
        return self._must("uv run --quiet --no-project python -V").removeprefix("Python ").strip()

    def move(self) -> None:
        """Lock the newest of everything. Raises `BrokenError` if nothing fits."""
        _loosen(self._tree / "pyproject.toml")
        self._must("uv lock --upgrade")

    def prove(self) -> None:
        """Run the phase's tests; before there are any, its commands. Raises `BrokenError`."""
        self._must("uv sync --locked")
        for command in _suite(self._tree):
            self._must(command)

    def _must(self, command: str) -> str:
        self._report(command)
        outcome = self._ask(command)
        if outcome.status != 0:
            raise BrokenError(f"`{command}`: {first_reason(outcome.output)}")
        return outcome.output

    def _ask(self, command: str) -> Outcome:
        try:
            return self._shell.run(command, limit=max(0, self._end - time.monotonic()))
        except ShellError as error:
            late = time.monotonic() >= self._end
            reason = f"no end within the {self._limit:g} s of a phase" if late else error.what
            raise BrokenError(f"`{command}`: {reason}") from error


def _loosen(file: Path) -> None:
    """Take out what holds the resolver to a day. Of a file that is none, uv itself complains."""
    with suppress(FileNotFoundError, ParseError):
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
        settings = document.get("tool", {}).get("uv", {})
        for pin in _PINS:
            settings.pop(pin, None)
        file.write_text(tomlkit.dumps(document), encoding="utf-8")


def _suite(tree: Path) -> Sequence[str]:
    if (tree / "tests").is_dir():
        return ["uv run pytest"]
    return [f"uv run {name}" for name in _project(tree).get("scripts", {})]


def _project(tree: Path) -> Mapping[str, Any]:
    """The table `project` as it is; empty if it can't be read, of which uv itself complains."""
    with suppress(FileNotFoundError, tomllib.TOMLDecodeError):
        text = (tree / "pyproject.toml").read_text(encoding="utf-8")
        project: Mapping[str, Any] = tomllib.loads(text).get("project", {})
        return project
    return {}
