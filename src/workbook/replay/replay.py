"""Follows many pages, side by side where that is wanted, and reports each in one piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from workbook.project import Project
from workbook.replay.crew import follow_side_by_side
from workbook.replay.follow import Options, Result, follow
from workbook.replay.progress import Progress
from workbook.replay.schedule import longest_first
from workbook.signals import interruptible

__all__ = ["replay"]


def replay(
    project: Project,
    pages: Sequence[Path],
    options: Options,
    report: Callable[[str], None],
    *,
    jobs: int = 1,
) -> list[Result]:
    """Follow the pages, up to `jobs` at a time, and report what comes of each as soon as it does.

    What is accepted is written page by page, whatever `jobs` says.
    """
    results: list[Result] = []
    progress = Progress(Console(stderr=True), len(pages))

    def done(result: Result) -> None:
        results.append(result)
        with progress.pause(result.page):
            for line in result.lines:
                report(line)

    with interruptible(), progress:
        if options.accept or min(jobs, len(pages)) == 1:
            for page in pages:
                done(follow(project, page, options, progress.tell))
        else:
            queue = longest_first(project, pages, slow=options.slow)
            follow_side_by_side(project, queue, options, jobs, progress.tell, done)
    return results
