"""The command line: what can be said, and how a run ends."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from workbook.commands.table import parse
from workbook.errors import WorkbookError
from workbook.machine import from_os_error
from workbook.project import Project

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status: 0, 1 for a failure, 2 for a misspelt command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What a terminal's encoding hasn't got is escaped, as on standard error.
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = parse(sys.argv[1:] if argv is None else argv)
    try:
        return int(arguments.run(Project.find(), arguments))
    except WorkbookError as error:
        print(f"workbook: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Such as `workbook diff 1 2 | head`. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        if (failure := from_os_error(error)) is None:
            raise
        print(f"workbook: {failure}", file=sys.stderr)
        return 1
