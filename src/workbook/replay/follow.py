"""Follows a chapter or another page in a sandbox of its own, and says what doesn't come true."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.machine import MachineError
from workbook.project import Project
from workbook.replay.chapter import ChapterReader
from workbook.replay.durations import Duration, measure
from workbook.replay.guide import GuideReader
from workbook.replay.reader import NotRunError, Reader
from workbook.replay.records import Attempt

__all__ = ["Options", "Position", "Result", "follow", "reader_for"]


@dataclass(frozen=True, slots=True)
class Options:
    """How pages are followed.

    `accept` writes what the commands print into the pages; `slow` runs the slow blocks too; `fresh`
    follows what is unchanged since its last green replay as well.
    """

    accept: bool = False
    slow: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a page a reader is: at a block, by its number from 0 of so many."""

    page: str
    number: int
    count: int
    place: str
    kind: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a page: everything to report, and how long its blocks and all of it took."""

    page: str
    good: bool
    lines: tuple[str, ...]
    seconds: float = 0
    durations: tuple[Duration, ...] = ()


def reader_for(project: Project, page: Path, *, accept: bool = False, slow: bool = False) -> Reader:
    """A reader, not yet entered, for a chapter or another page of the project."""
    phases = load_phases(project)
    for phase in phases:
        if phase.page == page:
            return ChapterReader(build(project, phases), phase, accept=accept, slow=slow)
    return GuideReader(project, page, accept=accept, slow=slow)


def follow(
    project: Project, page: Path, options: Options, tell: Callable[[Position], None]
) -> Result:
    """Follow a page, unless it is unchanged since its last green replay; `tell` hears where."""
    name = project.place(page)
    begin = time.monotonic()
    stack = ExitStack()
    try:
        attempt = Attempt(project, page, slow=options.slow)
        earlier = attempt.earlier(fresh=options.fresh or options.accept)
        if earlier is not None:
            return Result(name, True, (*earlier.not_run, str(earlier)))
        reader = reader_for(project, page, accept=options.accept, slow=options.slow)
        stack.enter_context(reader)
    except WorkbookError as error:
        return Result(name, False, _failed(name, error, "before its first block"))
    with stack:
        good, lines = _walk(name, reader, tell)
    if good and not options.accept:
        attempt.keep(reader)
    durations = measure(reader.blocks, reader.seconds)
    return Result(name, good, lines, time.monotonic() - begin, durations)


def _walk(
    name: str, reader: Reader, tell: Callable[[Position], None]
) -> tuple[bool, tuple[str, ...]]:
    """Go through the page; whether it holds, and what to report."""
    count = len(reader.blocks)
    where = "before its first block"
    try:
        for number in range(count):
            where = f"at block {number + 1} of {count}; the later ones are not reached"
            block = reader.blocks[number]
            tell(Position(name, number, count, block.place, block.kind))
            with suppress(NotRunError):
                reader.reach(number)
        where = "at its end"
        reader.end()
    except WorkbookError as error:
        return False, _failed(name, error, where)
    missing = len(reader.not_run)
    hold = f"{name}: {count - missing} blocks hold"
    return True, (*reader.not_run, hold + (f", {missing} not run" if missing else ""))


def _failed(name: str, error: WorkbookError, where: str) -> tuple[str, str]:
    end = "STOPPED by the machine" if isinstance(error, MachineError) else "FAILED"
    return str(error), f"{name}: {end} {where}"
