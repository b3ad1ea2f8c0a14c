"""Patches to commits: builds the history with `git am` and holds it to the chapters' pins."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from workbook.errors import WorkbookError
from workbook.history.git import Git, GitError
from workbook.history.integrity import find_changed_patches
from workbook.history.phases import Phase, pin_line
from workbook.history.steps import Change, History, SeriesError, Step, read_history
from workbook.project import Project

__all__ = [
    "EMAIL",
    "NAME",
    "Change",
    "History",
    "SeriesError",
    "Step",
    "assemble",
    "build",
    "built",
]

NAME = "fastapi-single-process"
EMAIL = "workbook@fastapi-single-process.invalid"

# Part of the cache's key: raise it when `assemble` builds something else from the same patches.
_FORMAT = "2"
_KEY_FILE = "workbook-key"
_PATCH = re.compile(r"(\d{4})-.*\.patch")


def build(project: Project, phases: Sequence[Phase], *, into: Path | None = None) -> History:
    """All commits and tags from the patches, held to the pins.

    Without `into`, the repository is `.workbook/history`, which is rebuilt only when a patch or
    a pin has changed; several processes may ask for it at once. With `into`, a folder that
    doesn't exist yet, it is built there and nothing else is touched.
    """
    _refuse_unsaved(project, phases)
    if into is not None:
        return _held_to_pins(project, phases, assemble(project, phases, into))
    if (history := built(project, phases)) is not None:
        with suppress(WorkbookError):  # enough to read
            project.make_state()
        return history
    state = project.make_state()
    with FileLock(state / "history.lock"):
        if (history := built(project, phases)) is not None:
            return history
        with tempfile.TemporaryDirectory(dir=state, prefix="history-") as folder:
            fresh = Path(folder) / "fresh"
            steps = _held_to_pins(project, phases, assemble(project, phases, fresh)).steps
            (fresh / _KEY_FILE).write_text(_key(phases), encoding="utf-8")
            if project.history.exists():
                project.history.rename(Path(folder) / "old")
            fresh.rename(project.history)
    return History(Git(project.history), steps)


def built(project: Project, phases: Sequence[Phase]) -> History | None:
    """What `.workbook/history` holds, if it is what these patches and pins build."""
    try:
        if (project.history / _KEY_FILE).read_text(encoding="utf-8") != _key(phases):
            return None
        repository = Git(project.history)
        listed = repository.run(
            "for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/tags"
        )
        if listed.split("\n")[:-1] != sorted(f"{phase.tag} {phase.commit}" for phase in phases):
            return None
        return History(repository, read_history(repository, phases[-1].commit, phases))
    except (OSError, GitError, ValueError):
        return None


def assemble(project: Project, phases: Sequence[Phase], into: Path) -> History:
    """The history that the patches give, whatever the pins say, in a new bare repository."""
    patches = [patch for phase in phases for patch in _patches(project, phase)]
    repository = Git(into)
    into.mkdir(parents=True)
    repository.run("init", "--quiet", "--bare", "--object-format=sha1")
    with tempfile.TemporaryDirectory(prefix="workbook-tree-") as worktree:
        _apply(project, repository, patches, Path(worktree))
    tip = repository.run("rev-parse", "HEAD").strip()
    try:
        steps = read_history(repository, tip, phases)
    except ValueError:
        raise SeriesError(
            f"the {len(patches)} patches don't give {len(patches)} commits",
            place=project.place(project.evolution),
            remedy="A patch file holds one step: look for a line in a message that starts "
            "with `From ` and ends with a date.",
        ) from None
    history = History(repository, steps)
    names = {f"tags/{phase.tag}": history.tip(phase) for phase in phases}
    names |= {step.name: step.commit for step in steps}
    creations = "".join(f"create refs/{name} {commit}\n" for name, commit in names.items())
    repository.run("update-ref", "--stdin", stdin=creations)
    return history


def _apply(project: Project, repository: Git, patches: Sequence[Path], worktree: Path) -> None:
    git = Git(worktree).having(
        GIT_DIR=str(repository.directory.resolve()),
        GIT_WORK_TREE=str(worktree),
        GIT_COMMITTER_NAME=NAME,
        GIT_COMMITTER_EMAIL=EMAIL,
    )
    options = ("--quiet", "--keep", "--keep-cr", "--no-scissors", "--patch-format=mbox")
    names = [str(patch.resolve()) for patch in patches]
    try:
        git.run("am", *options, "--no-3way", "--committer-date-is-author-date", *names)
    except GitError as error:
        raise _unapplied(project, repository, patches, error) from error


def _unapplied(
    project: Project, repository: Git, patches: Sequence[Path], error: GitError
) -> SeriesError:
    progress = repository.directory / "rebase-apply" / "next"
    number = int(progress.read_text(encoding="utf-8")) if progress.exists() else 1
    if number > 1:
        commits = repository.run("rev-list", "--reverse", "HEAD").split()
        if (damage := find_changed_patches(project, repository, commits, patches)) is not None:
            return damage
    told = [line for line in error.what.splitlines() if not line.startswith("hint:")]
    return SeriesError(
        "this step doesn't apply: " + "\n    ".join(told),
        place=project.place(patches[min(number, len(patches)) - 1]),
        remedy="Restore the patches (`git restore docs/evolution`); to change a step, edit the "
        "branch\nof `workbook tags --branch NAME` and run `workbook dev export NAME`.",
    )


def _patches(project: Project, phase: Phase) -> tuple[Path, ...]:
    for expected, patch in enumerate(phase.patches, start=1):
        named = _PATCH.fullmatch(patch.name)
        if named is None or int(named[1]) != expected:
            raise SeriesError(
                f"expected the patch of step {expected}, named {expected:04}-subject.patch",
                place=project.place(patch),
                remedy="The patches of a phase count from 0001 with neither gap nor repetition: "
                "restore them,\nor write them anew with `workbook dev export BRANCH`.",
            )
        with patch.open("rb") as content:
            first = content.readline()
        if not first.startswith(b"From ") or first.endswith(b"\r\n"):
            what = "its line ends were converted to CRLF" if b"\r" in first else "no patch of git"
            raise SeriesError(
                what,
                place=project.place(patch, 1),
                remedy="Restore it: `git restore` it, with `*.patch -text` in "
                "docs/evolution/.gitattributes.",
            )
    if not phase.patches:
        raise SeriesError(
            "the phase has no steps: there is no patch beside its page",
            place=project.place(phase.folder),
            remedy="Restore the patches, or write them with `workbook dev export BRANCH`.",
        )
    return phase.patches


def _refuse_unsaved(project: Project, phases: Sequence[Phase]) -> None:
    if not phases:
        raise SeriesError(
            "there is no chapter yet",
            place=project.place(project.evolution),
            remedy="Write docs/evolution/01-slug/index.md first.",
        )
    for phase in phases:
        if not phase.is_saved:
            raise SeriesError(
                f"{phase.tag} has never been saved: its pin is 40 zeros",
                place=project.place(phase.page, pin_line(phase)),
                remedy="Commit its steps to a branch, each with the trailer "
                f"`Phase: {phase.slug}`,\nand run `workbook dev export BRANCH`.",
            )


def _held_to_pins(project: Project, phases: Sequence[Phase], history: History) -> History:
    wrong = [phase for phase in phases if history.tip(phase) != phase.commit]
    if not wrong:
        return history
    first = wrong[0]
    commits = [step.commit for step in history.steps]
    patches = [step.patch for step in history.steps]
    if (damage := find_changed_patches(project, history.repository, commits, patches)) is not None:
        raise damage
    pins = "\n".join(f"  {phase.slug}: commit: {history.tip(phase)}" for phase in wrong)
    raise SeriesError(
        f"the pin is {first.commit}, but the patches build {history.tip(first)}",
        place=project.place(first.page, pin_line(first)),
        remedy="If a patch was changed by accident: `git restore docs/evolution`.\n"
        "If the change is meant, these are the new pins:\n" + pins,
    )


def _key(phases: Sequence[Phase]) -> str:
    digest = hashlib.sha256(_FORMAT.encode())
    for phase in phases:
        digest.update(f"\0{phase.slug} {phase.tag} {phase.commit}".encode())
        for patch in phase.patches:
            content = patch.read_bytes()
            digest.update(f"\0{patch.name} {len(content)}\0".encode() + content)
    return digest.hexdigest()
