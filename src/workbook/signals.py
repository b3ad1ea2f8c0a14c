"""Ctrl-C, SIGTERM and SIGHUP: all end the program the same way, once, and never halfway."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruptible", "undisturbed"]

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first ending signal into KeyboardInterrupt, and ignore those that follow it.

    By default SIGTERM ends a process without its `finally` clauses. A second signal is common
    (`uv run` passes on what the whole process group has received), and must not disturb them.
    Signals that were held back until now are heard.
    """

    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        # Not SIG_IGN: Python complains of a signal that came together with the first one.
        first, interrupted = not interrupted, True
        if first:
            signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
            raise KeyboardInterrupt

    # What is ignored from the start stays so: nohup, a background job of a script.
    heard = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in heard}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back ending signals, from programs started meanwhile too, until the end.

    Ctrl-C goes to all of a terminal's processes: to `pg_ctl`, which would die and leave the
    PostgreSQL that it was starting.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
