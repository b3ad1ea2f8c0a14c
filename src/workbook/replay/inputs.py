"""What the replay of a page depends on, as one fingerprint."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import uv

from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.project import Project
from workbook.replay.containers import engine_answers
from workbook.replay.guide import project_files
from workbook.replay.packages import index_answers

__all__ = ["fingerprint"]

_INDEX = re.compile(r"UV_(OFFLINE|FIND_LINKS|.*INDEX.*)")


def fingerprint(project: Project, page: Path, *, slow: bool) -> str:
    """A hash of all that decides what a replay of the page comes to; `slow` as the replay's.

    For a chapter, that is the page and the commits that it starts from and shows; for another page
    the whole project, which it is followed in a copy of. For both it is the tool and what it runs
    on.
    """
    digest = hashlib.sha256()
    for part in _parts(project, page, slow):
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _parts(project: Project, page: Path, slow: bool) -> Iterator[bytes]:
    answers = f"engine={engine_answers()} index={index_answers()}"
    yield f"{project.place(page)} slow={slow} {answers}".encode()
    # Which index is asked, and whether: a lock made without one isn't that made with it.
    for name, value in sorted(os.environ.items()):
        if _INDEX.fullmatch(name):
            yield f"{name}={value}".encode()
    yield from _machine()
    lock = project.root / "uv.lock"
    yield lock.read_bytes() if lock.is_file() else b""
    yield from _chapter(project, page) or _tree(project)


def _chapter(project: Project, page: Path) -> list[bytes]:
    """What a chapter is followed with; nothing for another page."""
    phases = load_phases(project)
    chapter = next((phase for phase in phases if phase.page == page), None)
    if chapter is None:
        return []
    history = build(project, phases)
    steps = history.steps_of(chapter)
    text = page.read_bytes()
    parts = [text, (steps[0].parent or "").encode(), *(step.commit.encode() for step in steps)]
    for phase in phases:
        # The clone holds all tags; those of other phases have a part if the page speaks of them.
        pin = history.tip(phase) if phase.tag.encode() in text else ""
        parts.append(f"{phase.tag} {pin}".encode())
    return parts


def _tree(project: Project) -> Iterator[bytes]:
    for path in project_files(project):
        file = project.root / path
        mode = file.lstat().st_mode
        content = str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
        yield f"{path} {mode:o}".encode() + b"\0" + content


# Once for a process: what has been imported doesn't change with its file.
@cache
def _machine() -> tuple[bytes, ...]:
    tool = Path(__file__).parents[1]
    sources = sorted((*tool.rglob("*.py"), tool / "pyproject.toml"))
    commands = ([uv.find_uv_bin(), "--version"], ["git", "--version"], ["bash", "--version"])
    versions = [
        subprocess.run(command, capture_output=True, check=False).stdout for command in commands
    ]
    return (
        *(
            str(source.relative_to(tool)).encode() + b"\0" + source.read_bytes()
            for source in sources
        ),
        *versions,
        sys.version.encode(),
        platform.platform().encode(),
    )
