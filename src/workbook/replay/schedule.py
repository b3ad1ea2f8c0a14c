"""In which order pages are followed side by side: the longest first, so that none is left over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workbook.pages.blocks import Kind, PageError, read_page
from workbook.project import Project
from workbook.replay.records import read_record

__all__ = ["expected_seconds", "longest_first"]

_BLOCK = 2.0
"""The seconds that a block which runs something takes, while nothing is known of its page."""


def expected_seconds(project: Project, page: Path, *, slow: bool = False) -> float:
    """How long the page took when it last came true, even if it has changed; else an estimate."""
    record = read_record(project, page, slow=slow)
    if record is not None:
        return record.seconds
    try:
        blocks = read_page(page)
    except PageError:  # it fails at once
        return 0
    return _BLOCK * sum(block.kind in {Kind.TRANSCRIPT, Kind.EXAMPLE} for block in blocks)


def longest_first(project: Project, pages: Iterable[Path], *, slow: bool = False) -> list[Path]:
    """The pages in the order in which they should be started."""
    return sorted(pages, key=lambda page: -expected_seconds(project, page, slow=slow))
