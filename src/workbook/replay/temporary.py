"""A temporary folder, tried before anything depends on it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from workbook.machine import MachineError

__all__ = ["SandboxError", "make_folder"]

_LEAST = 300_000_000  # bytes: the environment of a late chapter takes that, and a database
_SOCKET = ".s.PGSQL.5432"  # the longest name that is put into such a folder


class SandboxError(MachineError):
    """The machine can't give a page a sandbox."""


def make_folder() -> Path:
    """A new temporary folder that has space, runs commands and takes sockets.

    Raises `SandboxError`, which names TMPDIR and says what to do.
    """
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="workbook-")).resolve()
        # An embedded PostgreSQL that root starts runs as another user, who must come through.
        folder.chmod(0o755)
        reason = _refusal(folder)
    except OSError as error:
        reason = f"it can't be written: {error.strerror}"
    if reason is None and folder is not None:
        return folder
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    raise SandboxError(
        f"the folder for temporary files doesn't do: {reason}",
        place=os.environ.get("TMPDIR") or (str(folder.parent) if folder else None),
        remedy="Set TMPDIR to a short path of a folder with space that may hold programs: "
        "`TMPDIR=/tmp`,\nor free space there.",
    )


def _refusal(folder: Path) -> str | None:
    """Why the folder doesn't do."""
    free = shutil.disk_usage(folder).free
    if free < _LEAST:
        return f"{free // 1_000_000} MB are free, and a page may need {_LEAST // 1_000_000}"
    if not _runs_commands(folder):
        return "no program can be run there (is it mounted with `noexec`?)"
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(str(folder / _SOCKET))
        except OSError as error:
            return f"PostgreSQL's socket can't be there: {error}"
    (folder / _SOCKET).unlink()
    return None


def _runs_commands(folder: Path) -> bool:
    command = folder / "try"
    command.write_text("#!/bin/sh\n", encoding="utf-8")
    command.chmod(0o755)
    try:
        subprocess.run([command], check=True)
    except PermissionError:
        return False
    finally:
        command.unlink()
    return True
