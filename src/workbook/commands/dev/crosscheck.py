"""The blocks of all pages, counted by what holds them true."""

from __future__ import annotations

import argparse

from workbook.pages.fates import count_fates
from workbook.pages.fill import all_pages
from workbook.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing."""


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Print how many blocks of all pages have each fate."""
    pages = all_pages(project)
    counts = count_fates(pages)
    for fate, count in counts.items():
        print(f"{fate}: {count}")
    print(f"{sum(counts.values())} blocks on {len(pages)} pages, as many as CommonMark sees")
    return 0
