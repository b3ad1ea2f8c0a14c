"""What a person's words on the command line mean: chapters, pages, phases and steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.history.phases import Phase, load_phases
from workbook.history.steps import History
from workbook.pages.fill import all_pages
from workbook.project import Project

__all__ = ["chapters", "commit", "pages"]


def chapters(project: Project, numbers: Sequence[int]) -> Sequence[int]:
    """Return the chapters' numbers. Raises `WorkbookError` for one that isn't there."""
    known = {phase.number for phase in load_phases(project)}
    for number in numbers:
        if number not in known:
            raise WorkbookError(
                f"there is no chapter {number}",
                remedy="The chapters: " + ", ".join(map(str, sorted(known))),
            )
    return numbers


def pages(project: Project, name: str) -> Sequence[Path]:
    """Return the pages that a chapter's number or a path names; `WorkbookError` for others."""
    if name.isdecimal():
        return all_pages(project, chapters(project, [int(name)]))
    page = Path(name).resolve()
    if page not in all_pages(project):
        raise WorkbookError(
            f"{name} is no page",
            remedy="Pages are README.md, what is in docs/, and the chapters by their numbers.",
        )
    return [page]


def commit(history: History, phases: Sequence[Phase], name: str) -> str | None:
    """Return the commit of a phase or a step; None for 0, which is before phase 1."""
    if name == "0":
        return None
    for phase in phases:
        if name in {str(phase.number), f"{phase.number:02}", phase.slug, phase.tag}:
            return history.tip(phase)
    for step in history.steps:
        short = len(name) >= 7 and step.commit.startswith(name)
        if short or name == f"{step.phase.number}.{step.number}":
            return step.commit
    raise WorkbookError(
        f"{name!r} is neither a phase nor a step",
        remedy="Name a phase (3, 03-slug, phase-03-slug), a step (3.2), its commit, or 0.\n"
        "The phases: " + ", ".join(phase.slug for phase in phases),
    )
