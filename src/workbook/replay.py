"""Follows chapters and pages in rooms of their own, and says what doesn't come true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from workbook.chapter import ChapterSession
from workbook.errors import WorkbookError
from workbook.guide import PageSession
from workbook.machine import MachineError
from workbook.phases import load_phases
from workbook.project import Project
from workbook.series import build
from workbook.session import NotRunError, Session
from workbook.signals import interruptible

__all__ = ["replay", "session_for"]


def session_for(project: Project, page: Path, *, accept: bool = False) -> Session:
    """A session, not yet entered, for a chapter or another page of the project."""
    phases = load_phases(project)
    for phase in phases:
        if phase.page == page:
            return ChapterSession(build(project, phases), phase, accept=accept)
    return PageSession(project, page, accept=accept)


def replay(
    project: Project, pages: Sequence[Path], *, accept: bool, report: Callable[[str], None]
) -> bool:
    """Follow the pages; True if everything came true.

    With `accept`, what the commands print is written into the pages.
    """
    good = True
    with interruptible():
        for page in pages:
            good &= _follow(project, page, accept, report)
    return good


def _follow(project: Project, page: Path, accept: bool, report: Callable[[str], None]) -> bool:
    name = project.place(page)
    skipped: list[str] = []
    with ExitStack() as stack:
        status = stack.enter_context(Console(stderr=True).status(name))
        try:
            session = stack.enter_context(session_for(project, page, accept=accept))
        except WorkbookError as error:
            report(str(error))
            report(f"{name}: FAILED before its first block")
            return False
        for number in range(len(session.blocks)):
            block = session.blocks[number]
            status.update(f"{block.place} {block.kind}")
            try:
                session.reach(number)
            except NotRunError as reason:
                skipped.append(str(reason))
            except WorkbookError as error:
                report(str(error))
                end = "STOPPED by the machine" if isinstance(error, MachineError) else "FAILED"
                report(
                    f"{name}: {end} at block {number + 1} of {len(session.blocks)}; "
                    "the later ones are not reached"
                )
                return False
        try:
            session.end()
        except WorkbookError as error:
            report(str(error))
            report(f"{name}: FAILED at its end")
            return False
    for line in skipped:
        report(line)
    count = len(session.blocks) - len(skipped)
    report(f"{name}: {count} blocks hold" + (f", {len(skipped)} not run" if skipped else ""))
    return True
