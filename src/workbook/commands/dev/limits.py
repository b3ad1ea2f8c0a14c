"""How much each chapter asks of its reader, and how much it may ask."""

from __future__ import annotations

import argparse

from workbook.history.phases import load_phases
from workbook.pages.limits import MAX_HTML, PER_CHAPTER, Amount, measure
from workbook.project import Project
from workbook.site.build import build_site

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing."""
    parser.description = (
        "Prints for each chapter the words of its prose, the lines to type, the listings, the "
        "lines of the longest, the lines typed with nothing to run or to look at between them, "
        "and the size of its page; below, how much each may be."
    )


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Print what each chapter asks of its reader; that one is beyond a limit is no failure."""
    site = build_site(project)
    print(f"{'chapter':<30} words  typed  listings  longest  blind  kB")
    for phase in load_phases(project):
        html = (site / "evolution" / phase.slug / "index.html").stat().st_size
        _print_row(phase.slug, measure(phase.page), html // 1000)
    _print_row("may be", PER_CHAPTER, MAX_HTML)
    return 0


def _print_row(name: str, amount: Amount, size: int) -> None:
    print(
        f"{name:<30} {amount.words:5}  {amount.typed:5}  {amount.listings:8}"
        f"  {amount.longest:7}  {amount.blind:5}  {size:>2}"
    )
