"""The tags: built from the patches, and brought into the clone."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from workbook.history.build import build
from workbook.history.phases import Phase, load_phases
from workbook.history.tags import Outcome, bring_branch, bring_steps, bring_tags
from workbook.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what is built, and what may be moved."""
    parser.add_argument("--check", action="store_true", help="hold patches to pins; change nothing")
    parser.add_argument("--force", action="store_true", help="move what points elsewhere")
    parser.add_argument("--branch", metavar="NAME", help="make one branch of all steps as well")


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Build the tags and bring them into the clone, or hold patches to pins."""
    phases = load_phases(project)
    if arguments.check:
        return _check(project, phases)
    project.make_state()
    if arguments.branch:
        phases = _saved(phases)
    history = build(project, phases)
    references = bring_tags(project, history, force=arguments.force)
    bring_steps(project, history)
    if arguments.branch:
        branch = bring_branch(project, history, arguments.branch, force=arguments.force)
        references.append(branch)
    for reference in references:
        print(f"{reference.name:<34} {reference.commit[:10]}  {reference.outcome}")
    if not project.is_clone:
        _say_where_tags_are(project, phases)
    refused = [reference for reference in references if reference.outcome is Outcome.REFUSED]
    for reference in refused:
        print(f"workbook: {reference.name} is {reference.found} here", file=sys.stderr)
    if refused:
        branch_too = f" --branch {arguments.branch}" if arguments.branch else ""
        print(
            f"  To move what points elsewhere: `workbook tags{branch_too} --force`.",
            file=sys.stderr,
        )
    return 1 if refused else 0


def _check(project: Project, phases: Sequence[Phase]) -> int:
    with tempfile.TemporaryDirectory(prefix="workbook-check-") as folder:
        history = build(project, phases, into=Path(folder) / "history")
    print(f"{len(phases)} tags, {len(history.steps)} steps: every pin holds")
    return 0


def _saved(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """The phases before the first unsaved one: whoever writes a new phase starts from these."""
    saved = tuple(takewhile(lambda phase: phase.is_saved, phases))
    for phase in phases[len(saved) :]:
        print(f"{phase.tag:<34} {'':10}  left out: not saved yet")
    return saved


def _say_where_tags_are(project: Project, phases: Sequence[Phase]) -> None:
    for phase in phases:
        print(f"{phase.tag:<34} {phase.commit[:10]}  in .workbook/history")
    print(
        "\nThis folder is no clone: the tags live in .workbook/history only. To use them:\n"
        "  git clone .workbook/history ../phases\n"
        f"  git -C ../phases switch --detach {phases[-1].tag}"
    )
