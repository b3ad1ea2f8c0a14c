"""Follows several pages at once, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import sys
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from workbook.project import Project
from workbook.replay.follow import Options, Position, Result, follow
from workbook.signals import interruptible, undisturbed

__all__ = ["follow_side_by_side"]

type Running = dict[Connection, tuple[BaseProcess, Path]]


def follow_side_by_side(
    project: Project,
    pages: Sequence[Path],
    options: Options,
    jobs: int,
    tell: Callable[[Position], None],
    done: Callable[[Result], None],
) -> None:
    """Follow the pages in their order, up to `jobs` at a time.

    `tell` hears where each is, `done` what came of it. Whatever ends this ends the processes, which
    leave their sandboxes first.
    """
    waiting = deque(pages)
    running: Running = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                _start(project, waiting.popleft(), options, running)
            ready = wait(list(running))
            for connection in [each for each in running if each in ready]:
                message = _receive(project, connection, running)
                if isinstance(message, Position):
                    tell(message)
                    continue
                process, _ = running.pop(connection)
                process.join()
                connection.close()
                done(message)
    finally:
        _end(running)


def _start(project: Project, page: Path, options: Options, running: Running) -> None:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    arguments = (project, page, options, theirs)
    # A fork would inherit the thread that draws the progress.
    process = multiprocessing.get_context("spawn").Process(target=_work, args=arguments)
    with undisturbed():  # until it can answer a signal
        process.start()
        running[ours] = process, page
    theirs.close()


def _work(project: Project, page: Path, options: Options, connection: Connection) -> None:
    try:
        with interruptible():
            connection.send(follow(project, page, options, connection.send))
    except (KeyboardInterrupt, BrokenPipeError):  # nobody is left to be told of either
        sys.exit(130)


def _end(running: Running) -> None:
    for process, _ in running.values():
        process.terminate()
    for connection, (process, _) in running.items():
        process.join()
        connection.close()


def _receive(project: Project, connection: Connection, running: Running) -> Position | Result:
    try:
        message: Position | Result = connection.recv()
    except EOFError:
        process, page = running[connection]
        process.join()
        what = f"FAILED: the process that followed it ended with status {process.exitcode}"
        return Result(project.place(page), False, (f"{project.place(page)}: {what}",))
    return message
