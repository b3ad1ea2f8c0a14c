"""Finds the patch that somebody changed, which git only notices in a later one, or never."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbook.history.git import Git
from workbook.history.steps import SeriesError, tree_of
from workbook.project import Project

__all__ = ["find_changed_patches"]

_FILE = re.compile(r"diff --git a/(.*) b/\1\s*$")
_ANNOUNCED = re.compile(r"index [0-9a-f]{40}\.\.([0-9a-f]{40})")


def find_changed_patches(
    project: Project, repository: Git, commits: Sequence[str], patches: Sequence[Path]
) -> SeriesError | None:
    """The first patch whose commit doesn't hold the files that the patch itself announces.

    `commits` may be fewer than `patches`: those that could be built.
    """
    for commit, patch in zip(commits, patches, strict=False):
        tree = tree_of(repository.directory, commit)
        for line, path, blob in _announced(patch):
            if path in tree and tree[path][1] != blob:
                return SeriesError(
                    f"the patch was changed by hand: {path} isn't what it announces here",
                    place=project.place(patch, line),
                    remedy="Restore it: `git restore docs/evolution`. To change a step, edit the "
                    "branch\nof `workbook tags --branch NAME` and run `workbook dev export NAME`.",
                )
    return None


def _announced(patch: Path) -> Iterator[tuple[int, str, str]]:
    """The line, path and blob id of each file that a patch writes."""
    path = ""
    text = patch.read_text(encoding="utf-8", errors="surrogateescape")
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _FILE.match(line):
            path = header[1]
        elif announced := _ANNOUNCED.match(line):
            yield number, path, announced[1]
