"""Follows chapters and pages in rooms of their own, and says what doesn't come true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from workbook.chapter import ChapterSession
from workbook.errors import WorkbookError
from workbook.guide import PageSession
from workbook.listings import pages
from workbook.phases import load_phases
from workbook.project import Project
from workbook.series import build
from workbook.session import LIMIT, NotRunError, Session
from workbook.signals import interruptible

__all__ = ["replay", "sessions"]


def sessions(
    project: Project, numbers: Sequence[int] = (), *, accept: bool = False, limit: float = LIMIT
) -> Iterator[Session]:
    """A session, not yet entered, for each chapter; without `numbers`, for the pages as well."""
    phases = load_phases(project)
    history = build(project, phases)
    for phase in phases:
        if not numbers or phase.number in numbers:
            yield ChapterSession(history, phases, phase, accept=accept, limit=limit)
    for page in () if numbers else pages(project):
        yield PageSession(project, page, accept=accept, limit=limit)


def replay(
    project: Project, numbers: Sequence[int], *, accept: bool, report: Callable[[str], None]
) -> bool:
    """Follow the chapters, by default all pages; True if everything came true.

    With `accept`, what the commands print is written into the pages.
    """
    good = True
    with interruptible():
        for session in sessions(project, numbers, accept=accept):
            good &= _follow(project, session, report)
    return good


def _follow(project: Project, session: Session, report: Callable[[str], None]) -> bool:
    name = project.place(session.page)
    skipped: list[str] = []
    with session, Console(stderr=True).status(name) as status:
        for number in range(len(session.blocks)):
            block = session.blocks[number]
            status.update(f"{block.place} {block.kind}")
            try:
                session.reach(number)
            except NotRunError as reason:
                skipped.append(str(reason))
            except WorkbookError as error:
                report(str(error))
                report(
                    f"{name}: FAILED at block {number + 1} of {len(session.blocks)}; "
                    "the later ones are not reached"
                )
                return False
        try:
            session.finish()
        except WorkbookError as error:
            report(str(error))
            report(f"{name}: FAILED at its end")
            return False
    for line in skipped:
        report(line)
    count = len(session.blocks) - len(skipped)
    report(f"{name}: {count} blocks hold" + (f", {len(skipped)} not run" if skipped else ""))
    return True
