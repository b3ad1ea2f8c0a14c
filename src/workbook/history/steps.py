"""The built history: the steps of all phases, and what their commits hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from workbook.errors import WorkbookError
from workbook.history.git import EMPTY_TREE, Git
from workbook.history.phases import Phase

__all__ = ["Change", "History", "SeriesError", "Step", "read_history", "tree_of"]


class SeriesError(WorkbookError):
    """The patches can't be built, or build something else than the pins say."""


@dataclass(frozen=True, slots=True)
class Step:
    """One commit of a phase; `parent` is None for the very first."""

    phase: Phase
    number: int
    commit: str
    parent: str | None
    subject: str
    body: str
    patch: Path

    @property
    def name(self) -> str:
        """What git resolves to its commit, beside the tags: `steps/5.3`, for `refs/steps/5.3`."""
        return f"steps/{self.phase.number}.{self.number}"


@dataclass(frozen=True, slots=True)
class Change:
    """A changed file, with its counts of lines; None for both in a binary file."""

    path: str
    added: int | None
    deleted: int | None


@dataclass(frozen=True, slots=True)
class History:
    """All steps, in order, in a bare repository that holds their commits and tags."""

    repository: Git
    steps: tuple[Step, ...]

    def steps_of(self, phase: Phase) -> tuple[Step, ...]:
        """The steps of a phase, in order; at least one."""
        return tuple(step for step in self.steps if step.phase.slug == phase.slug)

    def tip(self, phase: Phase) -> str:
        """The commit that the phase's tag names."""
        return self.steps_of(phase)[-1].commit

    def file(self, commit: str, path: str) -> bytes | None:
        """A file's content in a commit; None if there is none. A symbolic link's is its target."""
        entry = self.tree(commit).get(path)
        return None if entry is None else _blob(self.repository.directory, entry[1])

    def tree(self, commit: str) -> Mapping[str, tuple[str, str]]:
        """Every file of a commit, by path: its mode (`100644`, `100755`, `120000`) and blob id."""
        return tree_of(self.repository.directory, commit)

    def diff(self, old: str | None, new: str, *paths: str, context: int = 3) -> str:
        """A unified diff without rename detection; `old=None` stands for the empty tree."""
        return self.repository.run(
            "diff", f"--unified={context}", *_PLAIN, old or EMPTY_TREE, new, "--", *paths
        )

    def stat(self, old: str | None, new: str, *paths: str) -> tuple[Change, ...]:
        """The changed files, in the order of their paths, with their counts of lines."""
        output = self.repository.run(
            "diff", "--numstat", "-z", *_PLAIN, old or EMPTY_TREE, new, "--", *paths
        )
        return tuple(_change(record) for record in output.split("\0") if record)


_PLAIN = ("--no-color", "--no-ext-diff", "--no-renames", "--no-textconv")


def read_history(repository: Git, tip: str, phases: Sequence[Phase]) -> tuple[Step, ...]:
    """The steps up to `tip`, each with its patch: one commit for each patch, in this order."""
    output = repository.run("log", "--reverse", "-z", "--format=%H%x1f%P%x1f%s%x1f%b", tip)
    patches = [(p, n, patch) for p in phases for n, patch in enumerate(p.patches, start=1)]
    records = output.rstrip("\0").split("\0")
    return tuple(
        _step(record, phase, number, patch)
        for record, (phase, number, patch) in zip(records, patches, strict=True)
    )


def _step(record: str, phase: Phase, number: int, patch: Path) -> Step:
    commit, parent, subject, body = record.split("\x1f", 3)
    return Step(phase, number, commit, parent or None, subject, body.strip("\n"), patch)


def _change(record: str) -> Change:
    added, deleted, path = record.split("\t", 2)
    if added == "-":
        return Change(path, None, None)
    return Change(path, int(added), int(deleted))


# What an object's id names never changes, so that these caches can't be stale.
@cache
def tree_of(directory: Path, commit: str) -> Mapping[str, tuple[str, str]]:
    """Every file of a commit, by path: its mode and blob id."""
    output = Git(directory).run("ls-tree", "-r", "-z", commit)
    files: dict[str, tuple[str, str]] = {}
    for record in output.rstrip("\0").split("\0"):
        if record:
            meta, path = record.split("\t", 1)
            mode, _, blob = meta.split(" ")
            files[path] = (mode, blob)
    return MappingProxyType(files)


@cache
def _blob(directory: Path, blob: str) -> bytes:
    return Git(directory).read("cat-file", "blob", blob)
