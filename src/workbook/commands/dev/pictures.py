"""The book's pictures, drawn anew from their descriptions."""

from __future__ import annotations

import argparse

from workbook.pictures.album import redraw
from workbook.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing."""
    parser.description = "Draws each docs/assets/pictures/NAME.toml as NAME.svg beside it."


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Draw the pictures, and print which files changed."""
    for path, written in redraw(project):
        print(f"{project.place(path):<44} {'written' if written else 'already there'}")
    return 0
