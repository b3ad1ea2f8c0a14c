"""Pages, followed as a reader follows them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from workbook.commands.chosen import pages
from workbook.pages.blocks import read_page
from workbook.pages.fill import all_pages
from workbook.project import Project
from workbook.replay.durations import render_durations
from workbook.replay.follow import Options
from workbook.replay.replay import replay

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take pages, and how they are followed."""
    parser.add_argument(
        "pages", metavar="PAGE", nargs="*", help="a chapter's number or a page's path (all pages)"
    )
    parser.add_argument("--accept", action="store_true", help="write the new output into the page")
    parser.add_argument(
        "--fresh", action="store_true", help="follow pages that are unchanged since a green replay"
    )
    parser.add_argument(
        "--slow", action="store_true", help="run slow blocks too (all pages: those that have any)"
    )
    cores = os.process_cpu_count() or 1
    parser.add_argument(
        "--jobs", metavar="N", type=_count, default=cores, help="pages at a time (the cores)"
    )
    parser.add_argument("--durations", action="store_true", help="say where the time went")


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Follow pages as a reader does; 1 where one doesn't come true."""
    project.make_state()
    chosen = _chosen(project, arguments)
    if not chosen:
        print("no page has a slow block")
    options = Options(accept=arguments.accept, slow=arguments.slow, fresh=arguments.fresh)
    results = replay(project, chosen, options, _report, jobs=arguments.jobs)
    if arguments.durations:
        times = {result.page: (result.seconds, result.durations) for result in results}
        print("\n".join(render_durations(times)))
    return 0 if all(result.good for result in results) else 1


def _chosen(project: Project, arguments: argparse.Namespace) -> Sequence[Path]:
    """The pages that were named; without a name all, for slow blocks all that have any."""
    if arguments.pages:
        return [page for name in arguments.pages for page in pages(project, name)]
    every = all_pages(project)
    if not arguments.slow:
        return every
    return [page for page in every if any(block.is_slow for block in read_page(page))]


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return count


def _report(line: str) -> None:
    print(line, flush=True)
