"""`main`'s copy of the last phase's tree: what belongs to it, and where it differs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from workbook.git import Git
from workbook.history import History
from workbook.project import Project

__all__ = ["OWNED_BY_MAIN", "copied_files", "is_owned_by_main", "main_copy_differences"]

OWNED_BY_MAIN = (
    "README.md",
    "pyproject.toml",
    "uv.lock",
    "mkdocs.yml",
    ".ci",
    ".github",
    "docs",
    "src/workbook",
    "tests/workbook",
    "tests/docs",
)
"""What `main` holds of its own: every other file of it is the last phase's, byte for byte."""


def is_owned_by_main(path: str) -> bool:
    """Whether a path of the repository is, or lies in, what `main` holds of its own."""
    return any(path == owned or path.startswith(f"{owned}/") for owned in OWNED_BY_MAIN)


def copied_files(history: History) -> Mapping[str, tuple[str, str]]:
    """The last phase's files that `main` copies: mode and blob id, by path."""
    tree = history.tree(history.steps[-1].commit)
    return {path: entry for path, entry in tree.items() if not is_owned_by_main(path)}


def main_copy_differences(project: Project, history: History) -> list[str]:
    """Each difference between `main`'s copy and the last phase's tree, as a line for a person."""
    wanted = copied_files(history)
    present = [path for path in wanted if os.path.lexists(project.root / path)]
    blobs = _blobs(project, present)
    said = [f"{path}: missing" for path in wanted if path not in blobs]
    for path, blob in blobs.items():
        mode, expected = wanted[path]
        if blob != expected:
            said.append(f"{path}: its content isn't the last phase's")
        elif _mode(project.root / path) != mode:
            said.append(f"{path}: its mode isn't {mode}")
    said += [f"{path}: the last phase doesn't have it" for path in _extra(project, wanted)]
    return sorted(said)


def _blobs(project: Project, paths: Iterable[str]) -> dict[str, str]:
    # In a clone, git itself turns the user's line ends (core.autocrlf) into those of the blob.
    git = Git(project.root, users_settings=project.is_clone)
    filters = () if project.is_clone else ("--no-filters",)
    blobs: dict[str, str] = {}
    files: list[str] = []
    for path in paths:
        file = project.root / path
        if file.is_symlink():
            target = os.fsencode(file.readlink())
            blobs[path] = git.read("hash-object", "--stdin", stdin=target).decode().strip()
        elif file.is_file():
            files.append(path)
        else:
            blobs[path] = ""
    hashed = git.run("hash-object", "--stdin-paths", *filters, stdin="\n".join([*files, ""]))
    return blobs | dict(zip(files, hashed.split(), strict=True))


def _mode(file: Path) -> str:
    if file.is_symlink():
        return "120000"
    return "100755" if file.stat().st_mode & 0o100 else "100644"


def _extra(project: Project, wanted: Mapping[str, object]) -> list[str]:
    if not project.is_clone:
        return []
    git = Git(project.root, users_settings=True)
    listed = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(
        {
            path
            for path in listed
            if path
            and path not in wanted
            and not is_owned_by_main(path)
            and os.path.lexists(project.root / path)
        }
    )
