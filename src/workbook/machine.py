"""What the machine fails at: no fault of a page, of a patch, or of whoever wrote them."""

from __future__ import annotations

import errno
import re
import signal
from collections.abc import Sequence

from workbook.errors import WorkbookError

__all__ = ["MachineError", "describe_fault", "from_os_error"]

_SPACE = "Free some space on this machine, or point TMPDIR at a folder that has it."
_ACCESS = "Let your user read and write there, or work in a copy that is yours."
_REMEDIES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EACCES: _ACCESS,
    errno.EPERM: _ACCESS,
    errno.EROFS: _ACCESS,
    errno.EIO: "Look at the disk: it can't be read or written.",
    errno.EMFILE: "Let a process open more files: `ulimit -n 4096`.",
    errno.ENFILE: "End some programs: the machine has no more files to open.",
    errno.ENOMEM: "End some programs: the machine has no memory left.",
}
_PACKAGES = (
    "This machine lacks a package, and there is no network to get it by: let uv fetch it once,\n"
    "and try again. If nobody has such a package, correct the page."
)
# What programs say of such failures, in the words of the C library, of Rust and of uv.
_SIGNS = (
    (re.compile(r"No space left on device|Disk quota exceeded"), _SPACE),
    (re.compile(r"Read-only file system"), _ACCESS),
    (re.compile(r"Input/output error"), _REMEDIES[errno.EIO]),
    (re.compile(r"Too many open files"), _REMEDIES[errno.EMFILE]),
    (re.compile(r"Cannot allocate memory"), _REMEDIES[errno.ENOMEM]),
    (
        re.compile(
            r"Network connectivity is disabled|the network was disabled"
            r"|not found in the provided package locations|error sending request for url"
        ),
        _PACKAGES,
    ),
)
_CRASHES = {
    128 + number: number.name
    for number in (signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGKILL, signal.SIGSEGV)
}


class MachineError(WorkbookError):
    """The machine can't do what it is asked to; the same page or patch may be right elsewhere."""


def from_os_error(error: OSError) -> MachineError | None:
    """The error as one of the machine, with a remedy; None if it isn't known to be one."""
    if error.errno not in _REMEDIES:
        return None
    place = error.filename2 or error.filename
    return MachineError(
        error.strerror or str(error),
        place=None if place is None else str(place),
        remedy=_REMEDIES[error.errno],
    )


def describe_fault(
    said: Sequence[str], *, status: int = 0, folder: str | None = None
) -> str | None:
    """What to do if a command failed because of the machine; None if that doesn't show.

    `status` is one that the command shouldn't have ended with. In `folder` nothing may be denied
    to us.
    """
    for line in said:
        for sign, remedy in _SIGNS:
            if sign.search(line):
                return remedy
        if folder is not None and folder in line and "Permission denied" in line:
            return _ACCESS
    if status in _CRASHES:
        return f"{_CRASHES[status]} ended it: it crashed, or there was no memory. Run it by hand."
    return None
