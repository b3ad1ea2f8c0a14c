"""The processes that a page's commands have started, wherever they have gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

__all__ = ["MARK", "end_all", "is_running"]

MARK = "WORKBOOK_SANDBOX"
"""The variable by which a process is known as ours after it has left the session."""

_TICK = 0.05


def is_running(pid: int) -> bool:
    """Whether the process exists and hasn't ended; 0 stands for none."""
    try:
        return pid > 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_all(session: int, mark: str, grace: float) -> None:
    """End the session's processes, then those that left it and bear the mark.

    Servers get `grace` seconds to stop what they themselves have started; a PostgreSQL server
    that stays is shut down fast, so that its data are whole.
    """
    for process in _in_session(session):
        _signal(process, signal.SIGTERM)
    _wait_until_gone(lambda: _in_session(session), grace)
    for process in _in_session(session):
        _signal(process, signal.SIGKILL)
    _wait_until_gone(lambda: _marked(mark), min(grace, 1))
    for process in _marked(mark):
        _signal(process, signal.SIGINT if _is_database(process) else signal.SIGTERM)
    _wait_until_gone(lambda: _marked(mark), grace)
    for process in _marked(mark):
        _signal(process, signal.SIGKILL)
    _wait_until_gone(lambda: _marked(mark), grace)


def _in_session(session: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        # Another user's process can't be read, nor can one that has just ended.
        with suppress(OSError, psutil.Error):
            if process.environ().get(MARK) == mark or process.cwd().startswith(_sandbox(mark)):
                found.append(process)
    return found


def _sandbox(mark: str) -> str:
    # PostgreSQL under another user drops the environment; it works in its data folder.
    return os.path.dirname(mark) + os.sep  # noqa: PTH120 - text, not a file


def _is_database(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.name().startswith("postgres")
    return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.Error):
        process.send_signal(number)


def _wait_until_gone(find: Callable[[], list[psutil.Process]], seconds: float) -> None:
    end = time.monotonic() + seconds
    while find() and time.monotonic() < end:
        time.sleep(_TICK)
