"""What the world has broken since the locks were made."""

from __future__ import annotations

import argparse
import sys

from workbook.errors import WorkbookError
from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.project import Project
from workbook.rot.rot import follow, try_phase
from workbook.rot.rot_report import describe
from workbook.signals import interruptible

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a phase, a Python, a limit and whether chapters are followed, too."""
    parser.description = (
        "Moves each phase's lock, uv and Python to the newest, in a copy, and runs "
        "the phase's own suite there. Prints a table; what broke is no failure of the command."
    )
    parser.add_argument("--phase", metavar="N", type=int, help="one phase (all phases)")
    parser.add_argument("--python", metavar="VERSION", help="a Python (the newest here)")
    parser.add_argument(
        "--limit", metavar="S", type=float, default=1800, help="seconds for a phase (1800)"
    )
    parser.add_argument("--chapters", action="store_true", help="follow the chapters as well")


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Print what broke since the locks were made; that something did is no failure."""
    phases = load_phases(project)
    history = build(project, phases)
    chosen = [phase for phase in phases if arguments.phase in (None, phase.number)]
    if not chosen:
        raise WorkbookError(
            f"there is no phase {arguments.phase}",
            remedy="The phases: " + ", ".join(str(phase.number) for phase in phases),
        )
    with interruptible():
        findings = [
            try_phase(
                history, phase, python=arguments.python, limit=arguments.limit, report=_progress
            )
            for phase in chosen
        ]
        walked = chosen if arguments.chapters else []
        walks = [follow(project, phase.page, _progress) for phase in walked]
    print("\n".join(describe(findings, walks)))
    return 0


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
