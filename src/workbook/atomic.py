"""Files that are written whole or not at all: a full disk must leave no half of one behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbook.errors import WorkbookError

__all__ = ["Content", "WriteError", "write_all", "write_text"]


class WriteError(WorkbookError):
    """A file couldn't be written; all others are as they were."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a path shall hold; a symbolic link's data is its target. `mode` is git's."""

    data: bytes
    mode: str = "100644"


def write_all(changes: Mapping[Path, Content | None], staging: Path) -> list[Path]:
    """Bring every path to its content (None: remove it); says which ones differed.

    `staging` is an existing folder on the same file system: what a full disk doesn't take shows
    there, before the first file is replaced. Raises `WriteError` and undoes what it did if a
    path can't be written.
    """
    before = {path: _read(path) for path in changes}
    wanted = {path: content for path, content in changes.items() if content != before[path]}
    with tempfile.TemporaryDirectory(dir=staging, prefix="write-") as folder:
        try:
            _replace(wanted, Path(folder))
        except BaseException as error:
            _replace({path: before[path] for path in wanted}, Path(folder), undoing=True)
            if not isinstance(error, OSError):
                raise
            raise WriteError(
                f"nothing was written: {error.strerror}",
                place=str(error.filename2 or error.filename),
                remedy="Make the path writable and try again.",
            ) from error
    return list(wanted)


def write_text(path: Path, text: str) -> None:
    """Write a text beside its place, then put it there: who reads meets the old one or this one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _read(path: Path) -> Content | None:
    if path.is_symlink():
        return Content(os.fsencode(path.readlink()), "120000")
    if not path.is_file():
        return None
    executable = path.stat().st_mode & 0o100
    return Content(path.read_bytes(), "100755" if executable else "100644")


def _replace(wanted: Mapping[Path, Content | None], folder: Path, *, undoing: bool = False) -> None:
    staged: dict[Path, Path] = {}
    for number, (path, content) in enumerate(wanted.items()):
        if content is not None and not (undoing and content == _read(path)):
            staged[path] = folder / f"{number}-{'undo' if undoing else 'do'}"
            _stage(staged[path], content)
    # Removals come first: a file may stand where a folder shall be, or the other way round.
    for path in wanted:
        if wanted[path] is None:
            _remove(path)
    for path, file in staged.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        file.replace(path)


def _stage(file: Path, content: Content) -> None:
    if content.mode == "120000":
        file.symlink_to(os.fsdecode(content.data))
        return
    file.write_bytes(content.data)
    if content.mode == "100755":
        file.chmod(file.stat().st_mode | 0o111)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    # Git knows no empty folder, so that none may stay behind.
    folder = path.parent
    while folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
