"""A reader's machine for one page: folders, environment and ports that nobody else has."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import uv
from filelock import FileLock, Timeout

from workbook.replay.home import exempt_loopback, make_home
from workbook.replay.packages import offline
from workbook.replay.temporary import SandboxError, make_folder

__all__ = ["PORTS", "Sandbox", "SandboxError"]

PORTS = (8000, 8001, 5445)
"""The ports that pages may name; the sandbox has others in their place."""

_FREE = range(20000, 30000)
_DROPPED = re.compile(
    r"(VIRTUAL_ENV|PYTHON|PYENV_(VERSION|DIR)|UV_|UV$|OLDPWD|APP_|GIT_|PG|COMPOSE_|PYTEST|MYPY|RUFF|COV|MKDOCS|UVICORN_|WORKBOOK_"
    r"|BASH|CDPATH|ENV$|PROMPT_COMMAND|LC_|LANG|SERVICE_PORT|POSTGRES_PORT"
    r"|FORCE_COLOR|CLICOLOR|PY_COLORS"
    # pytest and others print more where they find themselves in CI; a reader's terminal isn't.
    r"|CI$|CI_|BUILD_NUMBER$|GITHUB_|RUNNER_"
    # What leads to a person's dotfiles, or stands for one.
    r"|XDG_(CONFIG|DATA|CACHE|STATE)_|CURL_HOME|NETRC|PSQL|PRE_COMMIT_|INPUTRC|BUILDX_"
    r"|GREP_|LS_COLORS|PERL5|POSIXLY_CORRECT|QUOTING_STYLE|TIME_STYLE|BLOCK_?SIZE|TAR_OPTIONS).*"
)
_KEPT = re.compile(
    r"UV_(CACHE_DIR|PYTHON_INSTALL_DIR|.*INDEX.*|FIND_LINKS|NATIVE_TLS|SYSTEM_CERTS|OFFLINE"
    r"|HTTP_TIMEOUT|LINK_MODE|INSECURE_HOST|PYTHON_INSTALL_MIRROR)|GIT_SSL_CAINFO"
)
_GIT_SETTINGS = f"""\
[user]
	name = Reader
	email = reader@example.com
[init]
	defaultBranch = main
[advice]
	detachedHead = false
[core]
	excludesFile = {os.devnull}
	attributesFile = {os.devnull}
	abbrev = 7
[gc]
	auto = 0
[maintenance]
	auto = false
"""


class Sandbox:
    """A temporary folder with what a reader has: git, uv, a shell's environment, free ports.

    Two sandboxes never have a port in common: each is held by a lock file while the sandbox exists.
    """

    def __init__(self) -> None:
        """Make the folder and take the ports. Raises `SandboxError` if the machine has none."""
        self.folder = make_folder()
        self.work = self.folder / "work"
        self.work.mkdir()
        self.home = self.folder / "home"
        self._locks: list[FileLock] = []
        try:
            self.ports = {named: self._take_port() for named in PORTS}
            self.environment = self._prepare()
        except BaseException:
            self.close()
            raise

    def translate(self, command: str) -> str:
        """A command with the sandbox's ports in place of the page's."""
        for named, mine in self.ports.items():
            # Not behind `8000:`: what a container listens on inside stays as it is.
            command = re.sub(rf"(?<!{named}:)(?<!\d){named}(?!\d)", str(mine), command)
        return command

    def restore(self, output: str) -> str:
        """An output with the page's ports and a reader's folders in place of the sandbox's."""
        for named, mine in self.ports.items():
            output = re.sub(rf"(?<!\d){mine}(?!\d)", str(named), output)
        for folder in (self.work, self.home):
            output = output.replace(str(folder), "~")
        return output.replace(f"{self.folder}/bin", "/usr/local/bin")

    def close(self) -> None:
        """Free the ports and remove the folder."""
        for lock in self._locks:
            lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self) -> dict[str, str]:
        commands = self.folder / "bin"
        commands.mkdir()
        binary = Path(uv.find_uv_bin())
        for name in ("uv", "uvx"):
            (commands / name).symlink_to(binary.with_name(name))
        for name in ("python3", f"python3.{sys.version_info.minor}"):
            _write_command(commands / name, Path(sys.executable).resolve())
        temporary = self.folder / "tmp"
        temporary.mkdir()
        settings = self.folder / "gitconfig"
        settings.write_text(_GIT_SETTINGS, encoding="utf-8")
        home = make_home(self.home, os.environ, binary)
        return {
            **_inherited(os.environ),
            **home,
            **exempt_loopback(os.environ),
            # The one that was tried: Python goes elsewhere where the user's doesn't exist.
            "TMPDIR": tempfile.gettempdir(),
            "PATH": os.pathsep.join([str(commands), *_search_path()]),
            **offline(self.folder, Path(home["UV_CACHE_DIR"])),
            "GIT_CONFIG_GLOBAL": str(settings),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            # What later versions say and store by default differs.
            "GIT_ADVICE": "0",
            "GIT_DEFAULT_HASH": "sha1",
            "GIT_DEFAULT_REF_FORMAT": "files",
            "COMPOSE_PROJECT_NAME": self.folder.name.lower().replace("_", "x"),
            "SERVICE_PORT": str(self.ports[8000]),
            "UVICORN_PORT": str(self.ports[8000]),
            "POSTGRES_PORT": str(self.ports[5445]),
            # pytest makes its folder of all runs private when it starts. For root, whose embedded
            # PostgreSQL runs as another user, that would take the data away from a run under way.
            "PYTEST_DEBUG_TEMPROOT": str(temporary),
            "UV_NO_PROGRESS": "1",
            "PAGER": "cat",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def _take_port(self) -> int:
        folder = Path(tempfile.gettempdir()) / f"workbook-ports-{os.getuid()}"
        folder.mkdir(exist_ok=True)
        for port in _FREE:
            lock = FileLock(folder / f"{port}.lock", timeout=0, thread_local=False)
            try:
                lock.acquire()
            except Timeout:
                continue
            if _is_free(port):
                self._locks.append(lock)
                return port
            lock.release()
        raise SandboxError(
            f"no port from {_FREE.start} to {_FREE.stop - 1} is free",
            remedy="End what listens there.",
        )


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if _KEPT.fullmatch(name) or not _DROPPED.fullmatch(name)
    }


def _write_command(file: Path, program: Path) -> None:
    """A command that runs the program under its own name.

    Through a link, a Python that isn't where it was built to be looks for its library beside it.
    """
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(str(program))} "$@"\n', encoding="utf-8")
    file.chmod(0o755)


def _search_path() -> list[str]:
    """The user's PATH without the environment in which the workbook itself runs."""
    own = Path(sys.prefix)
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [folder for folder in folders if folder and not Path(folder).is_relative_to(own)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
