"""A branch to patches: what a person edited with git becomes the kept history again."""

from __future__ import annotations

import datetime
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from workbook.atomic import Content, write_all
from workbook.history.branch import (
    BranchError,
    Commit,
    borrow_objects,
    read_branch,
    refuse_unfinished,
)
from workbook.history.build import EMAIL, NAME, SeriesError, assemble
from workbook.history.git import Git, GitError
from workbook.history.main_copy import FOLDER, copied_files, held_files
from workbook.history.mbox import uncarried
from workbook.history.phases import Phase, load_phases
from workbook.history.steps import History
from workbook.project import Project

__all__ = ["Saved", "save"]

_FORMAT_PATCH = (
    "format-patch",
    "--quiet",
    "--keep-subject",
    "--no-numbered",
    "--no-encode-email-headers",
    "--zero-commit",
    "--no-signature",
    "--full-index",
    "--binary",
    "--no-renames",
)
# A patch is data: what changes its line ends changes the commits.
_ATTRIBUTES = b"*.patch -text -whitespace\n"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: the phases with their new pins, those whose pin changed, and the files."""

    phases: tuple[Phase, ...]
    repinned: tuple[Phase, ...]
    steps: int
    written: tuple[Path, ...]


def save(project: Project, branch: str, *, allow_dirty: bool = False) -> Saved:
    """Write a branch's steps as patches and pins, and bring `main`'s copy of the tree up to date.

    Every commit gets the fixed author and the date of its phase. The patches are rebuilt and
    compared before anything is written; then everything is written, or nothing. Raises
    `BranchError`, `SeriesError` or `WriteError`. `allow_dirty` saves over uncommitted changes
    in the project's own working tree.
    """
    phases = load_phases(project)
    if not project.is_clone:
        raise BranchError(
            "this folder is no clone: it has no branches",
            place=str(project.root),
            remedy="Save in a clone of the repository.",
        )
    clone = Git(project.root, users_settings=True)
    refuse_unfinished(project, clone, branch, allow_dirty=allow_dirty)
    with tempfile.TemporaryDirectory(prefix="workbook-save-") as folder:
        scratch = Path(folder)
        repository = borrow_objects(clone, scratch / "borrowed")
        commits = read_branch(clone, repository, branch, phases)
        ids = _recreate(repository, commits)
        staged, pinned = _stage(repository, commits, ids, scratch / "staged")
        history = _rebuilt(staged, pinned, scratch / "rebuilt", commits, ids)
        changes = _patches_and_pins(project, phases, pinned)
        changes |= _copy(project, history, _last_tree(project, phases, scratch / "before"))
    written = write_all(changes, project.make_state())
    before = {phase.slug: phase.commit for phase in phases}
    repinned = tuple(phase for phase in pinned if phase.commit != before[phase.slug])
    return Saved(load_phases(project), repinned, len(commits), tuple(written))


def _recreate(repository: Git, commits: Sequence[Commit]) -> list[str]:
    """The same commits with the fixed author and dates, whoever made them, and when.

    Each step is a minute after the one before it, so that no day's commits go back in time.
    """
    ids: list[str] = []
    for _, group in groupby(commits, key=lambda commit: commit.phase.date):
        for number, commit in enumerate(group, start=1):
            day = datetime.datetime.combine(commit.phase.date, datetime.time(tzinfo=datetime.UTC))
            stamp = f"{int(day.timestamp()) + 60 * number} +0000"
            people = {
                f"GIT_{role}_{name}": value
                for role in ("AUTHOR", "COMMITTER")
                for name, value in (("NAME", NAME), ("EMAIL", EMAIL), ("DATE", stamp))
            }
            parents = ("-p", ids[-1]) if ids else ()
            text = repository.run("stripspace", stdin=commit.text)
            made = repository.having(**people).run("commit-tree", *parents, commit.tree, stdin=text)
            ids.append(made.strip())
    return ids


def _stage(
    repository: Git, commits: Sequence[Commit], ids: Sequence[str], folder: Path
) -> tuple[Project, tuple[Phase, ...]]:
    """Write the patches into a folder laid out like the project; gives the phases with new pins."""
    staged = Project(folder)
    tips = {commit.phase.slug: id_ for commit, id_ in zip(commits, ids, strict=True)}
    phases = {commit.phase.slug: commit.phase for commit in commits}
    pinned: list[Phase] = []
    for slug, phase in phases.items():
        target = staged.evolution / slug
        target.mkdir(parents=True)
        start = (f"{pinned[-1].commit}..{tips[slug]}",) if pinned else ("--root", tips[slug])
        repository.run(*_FORMAT_PATCH, f"--output-directory={target}", *start)
        pinned.append(replace(phase, commit=tips[slug], folder=target))
    return staged, tuple(pinned)


def _rebuilt(
    staged: Project,
    pinned: Sequence[Phase],
    into: Path,
    commits: Sequence[Commit],
    ids: Sequence[str],
) -> History:
    """The history as the staged patches give it. Raises if a patch doesn't carry its commit."""
    patches = [patch for phase in pinned for patch in phase.patches]
    try:
        history = assemble(staged, pinned, into)
    except SeriesError as error:
        raise uncarried(patches, commits) or error from error
    for step, commit, id_ in zip(history.steps, commits, ids, strict=True):
        if step.commit != id_:
            raise uncarried(patches, commits) or SeriesError(
                "a patch can't carry this commit's files",
                place=f"commit {commit.id[:10]} “{commit.subject}”",
                remedy="Look for what git's patches don't hold, such as a submodule.",
            )
    return history


def _patches_and_pins(
    project: Project, phases: Sequence[Phase], pinned: Sequence[Phase]
) -> dict[Path, Content | None]:
    changes: dict[Path, Content | None] = {}
    attributes = project.evolution / ".gitattributes"
    if not attributes.exists():
        changes[attributes] = Content(_ATTRIBUTES)
    for phase, new in zip(phases, pinned, strict=True):
        changes |= dict.fromkeys(phase.patches)
        changes |= {phase.folder / patch.name: Content(patch.read_bytes()) for patch in new.patches}
        # Bytes, so that a page with the user's line ends keeps them.
        page = re.sub(
            rb"(?m)^(\s*commit:\s*['\"]?)[0-9a-f]{40}",
            rb"\g<1>" + new.commit.encode(),
            phase.page.read_bytes(),
            count=1,
        )
        changes[phase.page] = Content(page)
    return changes


def _last_tree(project: Project, phases: Sequence[Phase], into: Path) -> frozenset[str]:
    """The files that `main` copied before this save; none if there was no history yet."""
    saved = [phase for phase in phases if phase.patches]
    try:
        return frozenset(copied_files(assemble(project, saved, into)))
    except (SeriesError, GitError):
        return frozenset()


def _copy(project: Project, history: History, before: frozenset[str]) -> dict[Path, Content | None]:
    wanted = copied_files(history)
    # By what git stores: the user's line ends (`core.autocrlf`) may stand on the disk.
    held = held_files(project, wanted)
    gone = before - wanted.keys()
    changes: dict[Path, Content | None] = {project.root / path: None for path in gone}
    for path, (mode, blob) in wanted.items():
        if held.get(path) == (mode, blob):
            continue
        is_file = held.get(path, (FOLDER, ""))[0] != FOLDER
        if is_file and before and path not in before:
            raise BranchError(
                f"a step adds {path}, and another file of this name is here, which isn't a copy",
                place=project.place(project.root / path),
                remedy="Give one of the two another name.",
            )
        data = history.file(history.steps[-1].commit, path) or b""
        changes[project.root / path] = Content(data, mode)
    return changes
