"""The listings, edits and excerpts of the pages, written anew from the steps."""

from __future__ import annotations

import argparse

from workbook.commands.chosen import chapters
from workbook.pages.fill import refresh
from workbook.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take chapters."""
    parser.add_argument("numbers", metavar="N", type=int, nargs="*", help="chapters (all pages)")


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Rewrite the listings of chapters, and print which pages have changed."""
    project.make_state()
    changed = refresh(project, chapters(project, arguments.numbers))
    for page in changed:
        print(f"{project.place(page)}: rewritten")
    if not changed:
        print("every listing is up to date")
    return 0
