"""A branch of all steps as a person left it: reads it, and refuses what no series can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.history.git import Git, GitError
from workbook.history.phases import Phase
from workbook.project import Project

__all__ = ["BranchError", "Commit", "borrow_objects", "read_branch", "refuse_unfinished"]


class BranchError(WorkbookError):
    """The branch or a working tree isn't in a state that can be saved."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the branch that is a step of `phase`; `text` is its whole message."""

    id: str
    tree: str
    subject: str
    text: str
    phase: Phase


def borrow_objects(clone: Git, into: Path) -> Git:
    """A new bare repository that sees the clone's objects and none of its settings."""
    into.mkdir(parents=True)
    repository = Git(into)
    repository.run("init", "--quiet", "--bare", "--object-format=sha1")
    objects = clone.run("rev-parse", "--path-format=absolute", "--git-path", "objects")
    alternates = into / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(objects, encoding="utf-8", errors="surrogateescape")
    return repository


def read_branch(
    clone: Git, repository: Git, branch: str, phases: Sequence[Phase]
) -> tuple[Commit, ...]:
    """The steps of a branch, in order, every one with its phase."""
    try:
        tip = clone.run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")
    except GitError as error:
        raise BranchError(
            f"there is no branch {branch!r} in this clone",
            place=str(clone.directory),
            remedy=f"Make one of all steps: `workbook tags --branch {branch}`.",
        ) from error
    form = "%x1f".join(("%H", "%T", "%P", "%s", _TRAILER, "%B"))
    try:
        output = repository.run(
            "log", "--reverse", "--topo-order", "-z", f"--format={form}", tip.strip()
        )
    except GitError as error:
        raise BranchError(
            f"the history of {branch} isn't complete here: {error.what.splitlines()[-1]}",
            place=branch,
            remedy="Fetch all of it: `git fetch --unshallow`.",
        ) from error
    commits: list[Commit] = []
    tree: str | None = None
    for record in output.rstrip("\0").split("\0"):
        commit = _commit(record, branch, phases)
        _refuse_disorder(commit, commits[-1].phase if commits else None, branch, phases)
        if commit.tree == tree:
            raise _wrong(branch, commit, "it changes nothing", "Drop it: a step changes files.")
        tree = commit.tree
        commits.append(commit)
    _refuse_missing(commits, branch, phases)
    return tuple(commits)


_TRAILER = "%(trailers:key=Phase,valueonly,separator=%x2C)"


def _commit(record: str, branch: str, phases: Sequence[Phase]) -> Commit:
    identity, tree, parents, subject, slug, text = record.split("\x1f", 5)
    known = {phase.slug: phase for phase in phases}
    where = f"{branch}, commit {identity[:10]} “{subject}”"
    if " " in parents:
        raise BranchError(
            "a merge is no step: a phase is a line of commits",
            place=where,
            remedy=f"Make the branch linear: `git rebase --root {branch}`.",
        )
    if slug not in known:
        what = f"no chapter is called {slug!r}" if slug else "it has no trailer `Phase:`"
        names = ", ".join(known)
        raise BranchError(
            what,
            place=where,
            remedy="End its message with a paragraph `Phase: NN-slug` (`git rebase -i`, `reword`); "
            f"the chapters: {names}.",
        )
    return Commit(identity, tree, subject, text, known[slug])


def _refuse_disorder(
    commit: Commit, last: Phase | None, branch: str, phases: Sequence[Phase]
) -> None:
    if last is not None and commit.phase.number < last.number:
        raise _wrong(
            branch,
            commit,
            f"a step of {commit.phase.slug} comes after one of {last.slug}",
            "Move it with `git rebase -i`: steps stand in the order of their phases.",
        )


def _refuse_missing(commits: Sequence[Commit], branch: str, phases: Sequence[Phase]) -> None:
    present = {commit.phase.slug for commit in commits}
    for phase in phases:
        if phase.slug not in present:
            raise BranchError(
                f"{phase.slug} has a chapter and no step on this branch",
                place=branch,
                remedy=f"Commit a step with the trailer `Phase: {phase.slug}`, or take the "
                "chapter's folder away.",
            )


def _wrong(branch: str, commit: Commit, what: str, remedy: str) -> BranchError:
    place = f"{branch}, commit {commit.id[:10]} “{commit.subject}”"
    return BranchError(what, place=place, remedy=remedy)


def refuse_unfinished(project: Project, clone: Git, branch: str, *, allow_dirty: bool) -> None:
    """Raise `BranchError` for uncommitted changes that a save would mix with, or leave out.

    Looks at the project's working tree and at each one in which the branch is checked out or
    being rebased. `allow_dirty` leaves out the first. What git doesn't track counts in the others
    alone: there it may be a step's file that nobody has added.
    """
    if not allow_dirty:
        _refuse_dirty(clone, "Commit them, or put them aside with `git stash`.", untracked="no")
    for block in clone.run("worktree", "list", "--porcelain").split("\n\n"):
        lines = block.splitlines()
        folder = Path(lines[0].removeprefix("worktree ")) if lines else clone.directory
        if not folder.is_dir() or "bare" in lines:
            continue
        tree = Git(folder, users_settings=True)
        if f"branch refs/heads/{branch}" in lines:
            _refuse_dirty(tree, f"Commit them to {branch}, or put them aside.")
        elif "detached" in lines and _rebased(tree) == f"refs/heads/{branch}":
            raise BranchError(
                f"a rebase of {branch} is under way here",
                place=str(folder),
                remedy="Finish it with `git rebase --continue`, or give up with `--abort`.",
            )


def _refuse_dirty(tree: Git, remedy: str, *, untracked: str = "normal") -> None:
    lines = tree.run("status", "--porcelain", f"--untracked-files={untracked}").splitlines()
    if not lines:
        return
    shown = ", ".join(line[3:] for line in lines[:5]) + (", …" if len(lines) > 5 else "")
    raise BranchError(f"uncommitted changes: {shown}", place=str(tree.directory), remedy=remedy)


def _rebased(tree: Git) -> str | None:
    for kind in ("rebase-merge", "rebase-apply"):
        name = tree.run("rev-parse", "--path-format=absolute", "--git-path", f"{kind}/head-name")
        if (file := Path(name.rstrip("\n"))).is_file():
            return file.read_text(encoding="utf-8").strip()
    return None
