"""What each command of `workbook dev` does, for maintainers; it prints."""

from __future__ import annotations

import argparse
import sys

from workbook.errors import WorkbookError
from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.project import Project

__all__ = ["images", "pictures", "rot"]


def images(project: Project, arguments: argparse.Namespace) -> int:
    """Pin the images that a working tree names, and print what they are pinned to."""
    from workbook.rot.images import pin_images

    for pin in pin_images(arguments.folder):
        outcome = "written" if pin.moves else "already there"
        print(f"{pin.file:<20} {pin.pinned}  {outcome}")
    return 0


def pictures(project: Project, arguments: argparse.Namespace) -> int:
    """Draw the pictures anew from their descriptions, and print which files changed."""
    from workbook.pictures.album import redraw

    for path, written in redraw(project):
        print(f"{project.place(path):<44} {'written' if written else 'already there'}")
    return 0


def rot(project: Project, arguments: argparse.Namespace) -> int:
    """Print what broke since the locks were made; that something did is no failure."""
    from workbook.rot.rot import follow, try_phase
    from workbook.rot.rot_report import describe
    from workbook.signals import interruptible

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
