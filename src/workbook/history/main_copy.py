"""`main`'s copy of the last phase's tree: what belongs to it, and where it differs.

A file that no phase has is `main`'s own, and one that git doesn't track is nobody's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from workbook.history.git import Git
from workbook.history.steps import History
from workbook.project import Project

__all__ = ["FOLDER", "copied_files", "held_files", "main_copy_differences"]

FOLDER = "040000"  # git's mode of one
_MAINS_OWN = ("README.md", "pyproject.toml", "uv.lock")
"""Of what the phases have, too: the workbook's needs stand beside the service's in these."""


def copied_files(history: History) -> Mapping[str, tuple[str, str]]:
    """The last phase's files that `main` copies: mode and blob id, by path."""
    tree = history.tree(history.steps[-1].commit)
    return {path: entry for path, entry in tree.items() if path not in _MAINS_OWN}


def main_copy_differences(project: Project, history: History) -> list[str]:
    """Each difference between `main`'s copy and the last phase's tree, as a line for a person."""
    wanted = copied_files(history)
    held = held_files(project, wanted)
    said = [f"{path}: missing" for path in wanted if path not in held]
    for path, (mode, blob) in held.items():
        expected_mode, expected_blob = wanted[path]
        if blob != expected_blob:
            said.append(f"{path}: its content isn't the last phase's")
        elif mode != expected_mode:
            said.append(f"{path}: its mode isn't {expected_mode}")
    left = _left_over(project, history, wanted)
    said += [f"{path}: the last phase doesn't have it any more" for path in left]
    return sorted(said)


def held_files(project: Project, paths: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The mode and blob id of each of these files that is in the working tree, as it is now.

    In a clone the user's line ends (`core.autocrlf`) may stand on the disk. Git knows which files
    are nevertheless what its index says; only the others are read.
    """
    known = _unchanged(Git(project.root, users_settings=True)) if project.is_clone else {}
    here = [path for path in paths if os.path.lexists(project.root / path)]
    return {path: known[path] if path in known else _read(project, path) for path in here}


def _unchanged(clone: Git) -> dict[str, tuple[str, str]]:
    entries: dict[str, tuple[str, str]] = {}
    for record in clone.run("ls-files", "--stage", "-z").split("\0")[:-1]:
        meta, path = record.split("\t", 1)
        mode, blob, _ = meta.split(" ")
        entries[path] = (mode, blob)
    for path in clone.run("ls-files", "--modified", "-z").split("\0")[:-1]:
        entries.pop(path, None)
    return entries


def _read(project: Project, path: str) -> tuple[str, str]:
    file = project.root / path
    if not file.is_symlink() and not file.is_file():
        return FOLDER, ""
    git = Git(project.root, users_settings=project.is_clone)
    if file.is_symlink():
        data = os.fsencode(file.readlink())
        return "120000", git.read("hash-object", "--stdin", stdin=data).decode().strip()
    filters = () if project.is_clone else ("--no-filters",)
    mode = "100755" if file.stat().st_mode & 0o100 else "100644"
    return mode, git.run("hash-object", *filters, "--", path).strip()


def _left_over(project: Project, history: History, wanted: Mapping[str, object]) -> list[str]:
    """What an earlier phase had, and git still tracks; what no phase ever had is `main`'s."""
    if not project.is_clone:
        return []
    listed = Git(project.root, users_settings=True).run("ls-files", "-z", "--cached").split("\0")
    tips = {step.phase.slug: step.commit for step in history.steps}
    had = {path for commit in tips.values() for path in history.tree(commit)}
    return [
        path
        for path in listed
        if path in had
        and path not in wanted
        and path not in _MAINS_OWN
        and os.path.lexists(project.root / path)
    ]
