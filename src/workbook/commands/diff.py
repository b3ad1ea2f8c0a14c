"""What changed between two phases or steps."""

from __future__ import annotations

import argparse

from workbook.commands.chosen import commit
from workbook.errors import WorkbookError
from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take two names and paths."""
    parser.add_argument("old", metavar="A", help="a phase (3), a step (3.2), a tag, or 0: nothing")
    parser.add_argument("new", metavar="B")
    parser.add_argument("paths", metavar="PATH", nargs="*")


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Print what changed between two phases or steps."""
    phases = load_phases(project)
    history = build(project, phases)
    old = commit(history, phases, arguments.old)
    new = commit(history, phases, arguments.new)
    if new is None:
        raise WorkbookError("B is nothing", remedy="Name a phase, such as `workbook diff 0 1`.")
    text = history.diff(old, new, *arguments.paths)
    print(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), end="", flush=True)
    return 0
