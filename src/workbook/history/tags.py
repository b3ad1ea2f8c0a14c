"""Brings the built tags, the steps' names and a branch of all steps into the user's clone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.history.git import Git, GitError
from workbook.history.phases import Phase
from workbook.history.steps import History
from workbook.project import Project

__all__ = [
    "Outcome",
    "Reference",
    "TagError",
    "are_steps_there",
    "bring_branch",
    "bring_steps",
    "bring_tags",
    "tags_there",
]

_STEPS = "refs/steps/"


class TagError(WorkbookError):
    """A tag or a branch can't be brought into the clone."""


class Outcome(StrEnum):
    """What became of a tag or a branch."""

    CREATED = "created"
    PRESENT = "already there"
    MOVED = "moved"
    REFUSED = "points elsewhere"


@dataclass(frozen=True, slots=True)
class Reference:
    """A tag or branch of the clone; `found` says what it named before, if something else."""

    name: str
    commit: str
    outcome: Outcome
    found: str | None = None


def bring_tags(project: Project, history: History, *, force: bool = False) -> list[Reference]:
    """Create the missing tags; one that points elsewhere is moved only by `force`.

    All changes happen at once or not at all. Without a clone there is nothing to do.
    """
    if not project.is_clone:
        return []
    phases = {step.phase.slug: step.phase for step in history.steps}.values()
    wanted = {f"refs/tags/{phase.tag}": history.tip(phase) for phase in phases}
    return _bring(project, history, wanted, force=force)


def bring_steps(project: Project, history: History) -> None:
    """Name every step in the clone: `git show steps/5.3` is the third of chapter 5.

    The names are the workbook's own and no tags, so that `git tag` lists the phases alone: those
    of another history move or go. Without a clone there is nothing to do.
    """
    if not project.is_clone or are_steps_there(project, history):
        return
    clone = Git(project.root, users_settings=True)
    wanted = _step_names(history)
    gone = _step_names_there(clone).keys() - wanted.keys()
    _copy_objects(history.repository, clone, wanted.values())
    updates = [f"update {name} {commit}\n" for name, commit in wanted.items()]
    updates += [f"delete {name}\n" for name in sorted(gone)]
    clone.run("update-ref", "--stdin", stdin="".join(updates))


def are_steps_there(project: Project, history: History) -> bool:
    """Whether the clone names exactly these steps."""
    clone = Git(project.root, users_settings=True)
    return _step_names_there(clone) == _step_names(history)


def _step_names(history: History) -> dict[str, str]:
    return {f"refs/{step.name}": step.commit for step in history.steps}


def _step_names_there(clone: Git) -> dict[str, str]:
    listed = clone.run("for-each-ref", "--format=%(refname) %(objectname)", _STEPS)
    pairs = (line.split(" ") for line in listed.splitlines())
    return dict(pairs)


def bring_branch(
    project: Project, history: History, name: str, *, force: bool = False
) -> Reference:
    """Create the branch of all steps; one that points elsewhere is moved only by `force`."""
    if not project.is_clone:
        raise TagError(
            "this folder is no clone, so that no branch can be made in it",
            place=str(project.root),
            remedy=f"Clone the history: `git clone {project.history} FOLDER`; its branch is "
            "`evolution`.",
        )
    clone = Git(project.root, users_settings=True)
    reference = f"refs/heads/{name}"
    try:
        clone.run("check-ref-format", "--branch", name)
    except GitError as error:
        raise TagError(
            f"{name!r} is no name for a branch", remedy="Try `--branch evolution`."
        ) from error
    wanted = {reference: history.steps[-1].commit}
    there = _references(clone, wanted)
    if force and reference in there and there[reference][0] != wanted[reference]:
        _refuse_checked_out(clone, reference)
    return _bring(project, history, wanted, force=force)[0]


def tags_there(project: Project, phases: Sequence[Phase]) -> Mapping[str, str]:
    """The commits that the phases' tags name in the clone, by tag."""
    if not project.is_clone:
        return {}
    wanted = [f"refs/tags/{phase.tag}" for phase in phases]
    found = _references(Git(project.root, users_settings=True), wanted)
    return {name.removeprefix("refs/tags/"): commit for name, (commit, _) in found.items()}


def _bring(
    project: Project, history: History, wanted: Mapping[str, str], *, force: bool
) -> list[Reference]:
    clone = Git(project.root, users_settings=True)
    there = _references(clone, wanted)
    results: list[Reference] = []
    updates: list[str] = []
    for name, commit in wanted.items():
        target, description = there.get(name, (None, None))
        if target == commit:
            outcome, description = Outcome.PRESENT, None
        elif target is None:
            outcome = Outcome.CREATED
            updates.append(f"create {name} {commit}\n")
        elif force:
            outcome = Outcome.MOVED
            updates.append(f"update {name} {commit}\n")
        else:
            outcome = Outcome.REFUSED
        short = name.removeprefix("refs/tags/").removeprefix("refs/heads/")
        results.append(Reference(short, commit, outcome, description))
    if updates:
        _copy_objects(history.repository, clone, wanted.values())
        clone.run("update-ref", "--stdin", stdin="".join(updates))
    return results


def _copy_objects(built: Git, clone: Git, commits: Iterable[str]) -> None:
    # A pack by a pipe, not `git fetch`: no transport, no ref map, no shallow negotiation and no
    # setting of the clone (`fetch.prune`, `protocol.file.allow`) has a say in it.
    wanted = "\n".join(commits) + "\n"
    pack = built.read("pack-objects", "--revs", "--stdout", "--quiet", stdin=wanted.encode())
    clone.read("unpack-objects", "-q", stdin=pack)


def _references(clone: Git, names: Collection[str]) -> dict[str, tuple[str, str]]:
    """The commit that each existing reference names, and a description of it for a person."""
    fields = ("refname", "objectname", "*objectname", "subject", "*subject", "creatordate:short")
    form = "%00".join(f"%({field})" for field in fields)
    output = clone.run("for-each-ref", f"--format={form}", *names)
    found: dict[str, tuple[str, str]] = {}
    for line in output.splitlines():
        name, target, peeled, subject, peeled_subject, date = line.split("\0")
        commit, title = (peeled, peeled_subject) if peeled else (target, subject)
        if name in names:
            found[name] = (commit, f"{commit[:10]} of {date}, “{title}”")
    return found


def _refuse_checked_out(clone: Git, reference: str) -> None:
    for block in clone.run("worktree", "list", "--porcelain").split("\n\n"):
        lines = block.splitlines()
        if f"branch {reference}" in lines:
            folder = Path(lines[0].removeprefix("worktree "))
            raise TagError(
                f"{reference.removeprefix('refs/heads/')} is checked out there: it can't be moved",
                place=str(folder),
                remedy="Switch that working tree to another branch, or give another name.",
            )
