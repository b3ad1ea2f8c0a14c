"""A set of file changes that is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbook.errors import WorkbookError

__all__ = ["Content", "WriteError", "write_all"]


class WriteError(WorkbookError):
    """A file couldn't be written; all others are as they were."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a path shall hold; a symbolic link's data is its target. `mode` is git's."""

    data: bytes
    mode: str = "100644"


def write_all(changes: Mapping[Path, Content | None]) -> list[Path]:
    """Bring every path to its content (None: remove it); says which ones differed.

    Raises `WriteError` and undoes what it did if one of them can't be written.
    """
    before = {path: _read(path) for path in changes}
    changed = [path for path, content in changes.items() if content != before[path]]
    try:
        for path in changed:
            _put(path, changes[path])
    except OSError as error:
        for path in changed:
            _put(path, before[path])
        raise WriteError(
            f"nothing was written: {error.strerror}",
            place=str(error.filename),
            remedy="Make the path writable and try again.",
        ) from error
    return changed


def _read(path: Path) -> Content | None:
    if path.is_symlink():
        return Content(os.fsencode(path.readlink()), "120000")
    if not path.is_file():
        return None
    executable = path.stat().st_mode & 0o100
    return Content(path.read_bytes(), "100755" if executable else "100644")


def _put(path: Path, content: Content | None) -> None:
    if content is None:
        if path.is_symlink() or path.is_file():
            path.unlink()
            _prune(path.parent)
        return
    if content == _read(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        if content.mode == "120000":
            fresh.symlink_to(os.fsdecode(content.data))
        else:
            fresh.write_bytes(content.data)
            if content.mode == "100755":
                fresh.chmod(fresh.stat().st_mode | 0o111)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _prune(folder: Path) -> None:
    """Remove the folders that a removed file leaves empty: git knows no empty folder."""
    while not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
