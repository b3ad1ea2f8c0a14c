"""What each command does; with `page_commands` the only place that prints."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.history.build import build
from workbook.history.phases import Phase, load_phases
from workbook.history.steps import History
from workbook.project import Project

# Each command imports what it alone needs: the others start without MkDocs, pytest or uvicorn.

__all__ = ["diff", "report", "save", "status", "tags", "up"]


def status(project: Project, arguments: argparse.Namespace) -> int:
    """Print the phases, their tags, what is built here, and one next action."""
    from workbook.commands.status import describe

    print("\n".join(describe(project)))
    return 0


def tags(project: Project, arguments: argparse.Namespace) -> int:
    """Build the tags and bring them into the clone, or hold patches to pins."""
    from workbook.history.tags import Outcome, bring_branch, bring_steps, bring_tags

    phases = load_phases(project)
    if arguments.check:
        return _check(project, phases)
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


def save(project: Project, arguments: argparse.Namespace) -> int:
    """Write a branch's steps as patches and pins."""
    from workbook.history import save as saving

    saved = saving.save(project, arguments.branch, allow_dirty=arguments.allow_dirty)
    print(
        f"saved {saved.steps} steps in {len(saved.phases)} phases from {arguments.branch}: "
        f"{len(saved.written)} files written, {len(saved.repinned)} new pins"
    )
    for phase in saved.repinned:
        print(f"{phase.tag:<34} {phase.commit[:10]}  new pin")
    if saved.repinned:
        print("\nNext: `workbook refresh`, `workbook tags --force`, `workbook replay`.")
    return 0


def diff(project: Project, arguments: argparse.Namespace) -> int:
    """Print what changed between two phases or steps."""
    phases = load_phases(project)
    history = build(project, phases)
    old = _commit(history, phases, arguments.old)
    new = _commit(history, phases, arguments.new)
    if new is None:
        raise WorkbookError("B is nothing", remedy="Name a phase, such as `workbook diff 0 1`.")
    text = history.diff(old, new, *arguments.paths)
    print(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), end="", flush=True)
    return 0


def _commit(history: History, phases: Sequence[Phase], name: str) -> str | None:
    """The commit that a person's word names; None for nothing, which is before phase 1."""
    if name == "0":
        return None
    for phase in phases:
        if name in {str(phase.number), f"{phase.number:02}", phase.slug, phase.tag}:
            return history.tip(phase)
    for step in history.steps:
        short = len(name) >= 7 and step.commit.startswith(name)
        if short or name == f"{step.phase.number}.{step.number}":
            return step.commit
    raise WorkbookError(
        f"{name!r} is neither a phase nor a step",
        remedy="Name a phase (3, 03-slug, phase-03-slug), a step (3.2), its commit, or 0.\n"
        "The phases: " + ", ".join(phase.slug for phase in phases),
    )


def up(project: Project, arguments: argparse.Namespace) -> int:
    """Serve the application and the site until a signal comes."""
    from workbook.serve import server

    server.up(
        project,
        port=arguments.port,
        reload=arguments.reload,
        site=arguments.site,
        report=report,
    )
    return 0


# A function of the module, not a lambda: with --reload, it is pickled for a new process.
def report(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)
