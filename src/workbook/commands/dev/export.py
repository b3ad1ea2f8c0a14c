"""A branch's steps, written as patches and pins."""

from __future__ import annotations

import argparse

from workbook.history.save import save
from workbook.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the branch."""
    parser.add_argument("branch", metavar="BRANCH")
    parser.add_argument(
        "--allow-dirty",
        action="store_true",
        help="export over uncommitted changes in this working tree",
    )


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Write a branch's steps as patches and pins."""
    saved = save(project, arguments.branch, allow_dirty=arguments.allow_dirty)
    print(
        f"exported {saved.steps} steps in {len(saved.phases)} phases from {arguments.branch}: "
        f"{len(saved.written)} files written, {len(saved.repinned)} new pins"
    )
    for phase in saved.repinned:
        print(f"{phase.tag:<34} {phase.commit[:10]}  new pin")
    if saved.repinned:
        print("\nNext: `workbook dev fill`, `workbook tags --force`, `workbook replay`.")
    return 0
