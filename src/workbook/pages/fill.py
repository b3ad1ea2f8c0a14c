"""Brings the listings, edits and excerpts of pages up to date."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbook.history.build import build
from workbook.history.line_ends import refuse_converted
from workbook.history.phases import load_phases
from workbook.pages.blocks import read_page, rewrite
from workbook.pages.crosscheck import crosscheck
from workbook.pages.expected_text import chapter_texts, page_text
from workbook.project import Project

__all__ = ["all_pages", "refresh"]


def all_pages(project: Project, numbers: Sequence[int] = ()) -> tuple[Path, ...]:
    """The chapters of these numbers; without numbers, all, then README.md and the rest of docs/."""
    phases = load_phases(project)
    if numbers:
        return tuple(phase.page for phase in phases if phase.number in numbers)
    found = [page for page in project.docs.rglob("*.md") if project.evolution not in page.parents]
    readme = project.root / "README.md"
    first = [readme] if readme.is_file() else []
    return (*(phase.page for phase in phases), *first, *sorted(found))


def refresh(project: Project, numbers: Sequence[int] = ()) -> list[Path]:
    """Rewrite the listings of the chapters, by default of all pages; gives the changed pages.

    A chapter shows its phase's steps, another page the tree as it is here.
    """
    refuse_converted(project)
    phases = load_phases(project)
    chapters = {phase.page: phase for phase in phases}
    changed = []
    for page in all_pages(project, numbers):
        blocks = read_page(page, unfilled=True)
        if page in chapters:
            texts = chapter_texts(build(project, phases), chapters[page], blocks)
        else:
            texts = [page_text(project, block) for block in blocks]
        changed += [page] if _write(page, texts) else []
    return changed


def _write(page: Path, texts: Sequence[str | None]) -> bool:
    """Put the texts into the page's blocks, None leaves one alone; whether the page changed."""
    before = page.read_text(encoding="utf-8")
    blocks = read_page(page, unfilled=True)
    # From the end, so that the lines of the blocks before stay true.
    for block, text in reversed(list(zip(blocks, texts, strict=True))):
        if text is not None and text != block.text:
            rewrite(block, text)
    crosscheck(page, read_page(page))
    return page.read_text(encoding="utf-8") != before
