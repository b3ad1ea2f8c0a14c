"""The commands; the only place that prints."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.history import History
from workbook.phases import Phase, load_phases
from workbook.project import Project
from workbook.series import build

# Each command imports what it alone needs: the others start without MkDocs, pytest or uvicorn.

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status: 0, 1 for a failure, 2 for a misspelt command."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(Project.find(), arguments))
    except WorkbookError as error:
        print(f"workbook: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Such as `workbook diff 1 2 | head`. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbook",
        description="Builds the tags of this repository's phases, proves its chapters by "
        "following them, and serves both. Without a command it says how things stand.",
    )
    parser.set_defaults(command=_status)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    tags = commands.add_parser("tags", help="build the tags from the patches, offline")
    tags.add_argument("--check", action="store_true", help="hold patches to pins; change nothing")
    tags.add_argument("--force", action="store_true", help="move what points elsewhere")
    tags.add_argument("--branch", metavar="NAME", help="make one branch of all steps as well")
    tags.set_defaults(command=_tags)

    save = commands.add_parser("save", help="write a branch's steps as patches and pins")
    save.add_argument("branch", metavar="BRANCH")
    save.add_argument(
        "--allow-dirty",
        action="store_true",
        help="save over uncommitted changes in this working tree",
    )
    save.set_defaults(command=_save)

    refresh = commands.add_parser("refresh", help="rewrite the listings from the steps")
    refresh.add_argument("numbers", metavar="N", type=int, nargs="*", help="chapters (all pages)")
    refresh.set_defaults(command=_refresh)

    replay = commands.add_parser("replay", help="follow the chapters and hold them to their tags")
    replay.add_argument(
        "pages", metavar="PAGE", nargs="*", help="a chapter's number or a page's path (all pages)"
    )
    replay.add_argument("--accept", action="store_true", help="write the new output into the page")
    replay.set_defaults(command=_replay)

    diff = commands.add_parser("diff", help="compare two phases or steps")
    diff.add_argument("old", metavar="A", help="a phase (3), a step (3.2), a tag, or 0: nothing")
    diff.add_argument("new", metavar="B")
    diff.add_argument("paths", metavar="PATH", nargs="*")
    diff.set_defaults(command=_diff)

    up = commands.add_parser("up", help="serve the application and the site, with a database")
    up.add_argument("--port", type=int, default=8000, help="where to listen (8000)")
    up.add_argument("--reload", action="store_true", help="start again when the code changes")
    up.add_argument(
        "--no-site", dest="site", action="store_false", help="serve the application alone"
    )
    up.set_defaults(command=_up)
    return parser


def _status(project: Project, arguments: argparse.Namespace) -> int:
    from workbook.status import describe

    print("\n".join(describe(project)))
    return 0


def _tags(project: Project, arguments: argparse.Namespace) -> int:
    from workbook.tags import Outcome, bring_branch, bring_tags

    phases = load_phases(project)
    if arguments.check:
        return _check(project, phases)
    if arguments.branch:
        phases = _saved(phases)
    history = build(project, phases)
    references = bring_tags(project, history, force=arguments.force)
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


def _save(project: Project, arguments: argparse.Namespace) -> int:
    from workbook.save import save

    saved = save(project, arguments.branch, allow_dirty=arguments.allow_dirty)
    print(
        f"saved {saved.steps} steps in {len(saved.phases)} phases from {arguments.branch}: "
        f"{len(saved.written)} files written, {len(saved.repinned)} new pins"
    )
    for phase in saved.repinned:
        print(f"{phase.tag:<34} {phase.commit[:10]}  new pin")
    if saved.repinned:
        print("\nNext: `workbook refresh`, `workbook tags --force`, `workbook replay`.")
    return 0


def _refresh(project: Project, arguments: argparse.Namespace) -> int:
    from workbook.listings import refresh

    changed = refresh(project, _chapters(project, arguments.numbers))
    for page in changed:
        print(f"{project.place(page)}: rewritten")
    if not changed:
        print("every listing is up to date")
    return 0


def _replay(project: Project, arguments: argparse.Namespace) -> int:
    from workbook.listings import all_pages
    from workbook.replay import replay

    pages = [page for name in arguments.pages for page in _pages(project, name)]
    good = replay(project, pages or all_pages(project), accept=arguments.accept, report=_report)
    return 0 if good else 1


def _pages(project: Project, name: str) -> Sequence[Path]:
    from workbook.listings import all_pages

    if name.isdecimal():
        return all_pages(project, _chapters(project, [int(name)]))
    page = Path(name).resolve()
    if page not in all_pages(project):
        raise WorkbookError(
            f"{name} is no page",
            remedy="Pages are README.md, what is in docs/, and the chapters by their numbers.",
        )
    return [page]


def _chapters(project: Project, numbers: Sequence[int]) -> Sequence[int]:
    known = {phase.number for phase in load_phases(project)}
    for number in numbers:
        if number not in known:
            raise WorkbookError(
                f"there is no chapter {number}",
                remedy="The chapters: " + ", ".join(map(str, sorted(known))),
            )
    return numbers


def _diff(project: Project, arguments: argparse.Namespace) -> int:
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


def _up(project: Project, arguments: argparse.Namespace) -> int:
    from workbook.server import up

    up(
        project,
        port=arguments.port,
        reload=arguments.reload,
        site=arguments.site,
        report=_report,
    )
    return 0


# A function of the module, not a lambda: with --reload, it is pickled for a new process.
def _report(line: str) -> None:
    print(line, flush=True)
