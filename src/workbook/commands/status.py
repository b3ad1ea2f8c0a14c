"""What `workbook` says without a command: the phases, what is built here, and one next action."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from workbook.history.build import History, built
from workbook.history.main_copy import main_copy_differences
from workbook.history.phases import Phase, load_phases
from workbook.history.tags import are_steps_there, tags_there
from workbook.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing."""


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Print the phases, their tags, what is built here, and one next action."""
    print("\n".join(_describe(project)))
    return 0


def _describe(project: Project) -> list[str]:
    """The status screen's lines. Reads only: nothing is built, nothing is written."""
    phases = load_phases(project)
    history = built(project, phases)
    there = tags_there(project, phases)
    site = (project.state / "site" / "index.html").exists()
    lines = [f"{project.root}: {len(phases)} phases", ""]
    lines += [_phase(project, phase, history, there) for phase in phases]
    lines += [
        "",
        f"history  {'built in .workbook/history' if history else 'not built'}",
        f"site     {'built in .workbook/site' if site else 'not built'}",
        "",
        f"Next: {_next_action(project, phases, history, there)}",
    ]
    return lines


def _phase(
    project: Project, phase: Phase, history: History | None, there: Mapping[str, str]
) -> str:
    if not phase.is_saved:
        state = "not saved yet"
    elif phase.tag in there:
        same = there[phase.tag] == phase.commit
        state = "tag here" if same else f"tag here, at another commit: {there[phase.tag][:10]}"
    elif project.is_clone:
        state = "no tag here"
    else:
        state = "tag in .workbook/history" if history else "no tag here"
    return f"  {phase.number:>2}  {phase.tag:<34} {phase.commit[:10]}  {state}"


def _next_action(
    project: Project,
    phases: Sequence[Phase],
    history: History | None,
    there: Mapping[str, str],
) -> str:
    if not phases:
        return "write docs/evolution/01-slug/index.md, the first chapter."
    if not all(phase.is_saved for phase in phases):
        return "`workbook dev export BRANCH`, which writes the patches and pins of the new phase."
    if any(there.get(phase.tag, phase.commit) != phase.commit for phase in phases):
        return "`workbook tags`, which says what the tags at other commits are."
    if history is None or (
        project.is_clone and (len(there) < len(phases) or not are_steps_there(project, history))
    ):
        return "`workbook tags`, which builds the tags."
    if main_copy_differences(project, history):
        return "`workbook dev export BRANCH`: the files here aren't the last phase's."
    return "`workbook up`, which serves the application and the chapters."
