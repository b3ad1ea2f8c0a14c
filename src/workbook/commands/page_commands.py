"""What the commands about pages do: rewrite them, follow them, count their blocks."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from workbook.commands.commands import report
from workbook.errors import WorkbookError
from workbook.history.phases import load_phases
from workbook.project import Project

# Each command imports what it alone needs: the others start without pytest.

__all__ = ["ledger", "refresh", "replay"]


def refresh(project: Project, arguments: argparse.Namespace) -> int:
    """Rewrite the listings of chapters."""
    from workbook.pages import fill

    changed = fill.refresh(project, _chapters(project, arguments.numbers))
    for page in changed:
        print(f"{project.place(page)}: rewritten")
    if not changed:
        print("every listing is up to date")
    return 0


def replay(project: Project, arguments: argparse.Namespace) -> int:
    """Follow pages as a reader does."""
    from workbook.replay.durations import render_durations
    from workbook.replay.follow import Options
    from workbook.replay.replay import replay as follow

    pages = _chosen(project, arguments)
    if not pages:
        print("no page has a slow block")
    options = Options(accept=arguments.accept, slow=arguments.slow, fresh=arguments.fresh)
    results = follow(project, pages, options, report, jobs=arguments.jobs)
    if arguments.durations:
        times = {result.page: (result.seconds, result.durations) for result in results}
        print("\n".join(render_durations(times)))
    return 0 if all(result.good for result in results) else 1


def ledger(project: Project, arguments: argparse.Namespace) -> int:
    """Print how many blocks of all pages have each fate."""
    from workbook.pages.fates import count_fates
    from workbook.pages.fill import all_pages

    pages = all_pages(project)
    counts = count_fates(pages)
    for fate, count in counts.items():
        print(f"{fate}: {count}")
    print(f"{sum(counts.values())} blocks on {len(pages)} pages, as many as CommonMark sees")
    return 0


def _chosen(project: Project, arguments: argparse.Namespace) -> Sequence[Path]:
    """The pages that were named; without a name all, for slow blocks all that have any."""
    from workbook.pages.blocks import read_page
    from workbook.pages.fill import all_pages

    if arguments.pages:
        return [page for name in arguments.pages for page in _pages(project, name)]
    pages = all_pages(project)
    if not arguments.slow:
        return pages
    return [page for page in pages if any(block.is_slow for block in read_page(page))]


def _pages(project: Project, name: str) -> Sequence[Path]:
    from workbook.pages.fill import all_pages

    if name.isdecimal():
        return all_pages(project, _chapters(project, [int(name)]))
    page = Path(name).resolve()
    if page not in all_pages(project):
        raise WorkbookError(
            f"{name} is no page",
            remedy="Pages are README.md, what is in docs/, and the chapters by their numbers.",
        )
    return [page]


def _chapters(project: Project, numbers: Sequence[int]) -> Sequence[int]:
    known = {phase.number for phase in load_phases(project)}
    for number in numbers:
        if number not in known:
            raise WorkbookError(
                f"there is no chapter {number}",
                remedy="The chapters: " + ", ".join(map(str, sorted(known))),
            )
    return numbers
