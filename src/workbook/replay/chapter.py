"""Follows a chapter from the previous phase's tag, and holds every commit to its step."""

from __future__ import annotations

from pathlib import Path

from workbook.history.git import Git
from workbook.history.phases import Phase
from workbook.history.steps import History, Step
from workbook.messages import difference
from workbook.pages.blocks import Block, Kind, place_of
from workbook.pages.expected_text import chapter_texts, excerpt_text
from workbook.pages.numbering import commits, number_steps
from workbook.pages.takes import hold_take, takes
from workbook.pages.transcript import Command
from workbook.replay.edits import FOLDER, apply_edit, hold, write_listing
from workbook.replay.locks import is_lock, quote_locks
from workbook.replay.packages import LOCKED, download
from workbook.replay.reader import LIMIT, Reader
from workbook.replay.transcript_runner import ReplayError

__all__ = ["ChapterReader"]


class ChapterReader(Reader):
    """A chapter, from the previous phase's tag to its own."""

    def __init__(
        self,
        history: History,
        phase: Phase,
        *,
        accept: bool = False,
        slow: bool = False,
        limit: float = LIMIT,
    ) -> None:
        """Read the chapter of `phase`; the history gives its steps."""
        super().__init__(phase.page, accept=accept, slow=slow, limit=limit)
        number_steps(self.blocks)  # refuses what can't be told apart before anything runs
        self._history = history
        self._phase = phase
        self._steps = history.steps_of(phase)
        self._committed = 0

    def prepare(self) -> Path:
        """An empty folder for the first chapter, else a clone at the previous phase's tag."""
        start = self._steps[0].parent
        for commit in (start, *(step.commit for step in self._steps)):
            self._download(commit)
        if start is None:
            return self.sandbox.work
        clone = self.sandbox.work / FOLDER
        origin = str(self._history.repository.directory)
        Git(self.sandbox.work).run("clone", "--quiet", "--no-checkout", origin, str(clone))
        Git(clone).run("fetch", "--quiet", origin, "refs/steps/*:refs/steps/*")
        Git(clone).run("checkout", "--quiet", "--detach", start)
        return clone

    def _download(self, commit: str | None) -> None:
        files = [commit and self._history.file(commit, name) for name in LOCKED]
        if all(files):
            download(*(file for file in files if file))

    def copy(self, block: Block, number: int) -> None:
        """Write a listing or apply an edit, after it is found to be the step's."""
        if block.kind is Kind.EXCERPT:
            file = self.top() / (block.title or "").partition("::")[0]
            source = file.read_text(encoding="utf-8") if file.is_file() else ""
            hold(block, excerpt_text(source, block))
            return
        texts = chapter_texts(self._history, self._phase, self.blocks[: number + 1])
        hold(block, texts[number])
        if block.kind is Kind.EDIT:
            apply_edit(self.top(), block)
        else:
            write_listing(self.top(), block)

    def before(self, command: Command, block: Block) -> None:
        """Hold a command that takes files to the step that the chapter is in."""
        step = self._steps[self._committed] if self._committed < len(self._steps) else None
        for take in takes(command.text):
            hold_take(take, self._history, step, place_of(self.page, command.line))

    def after(self, command: Command, block: Block) -> None:
        """Hold the tree to the step when a step has been committed."""
        if not commits(command, block):
            return
        place = block.place
        if self._committed >= len(self._steps):
            raise ReplayError(
                f"the chapter commits more often than the phase has steps: {len(self._steps)}",
                place=place,
                remedy="Join commits, or save the step: `workbook dev export BRANCH`.",
            )
        step = self._steps[self._committed]
        self._committed += 1
        clone = Git(self.top())
        subject = clone.run("log", "-1", "--format=%s").rstrip("\n")
        if subject != step.subject:
            raise ReplayError(
                f"the commit is “{subject}”, step {step.number} is “{step.subject}”",
                place=place,
                remedy="Write the step's subject into the command.",
            )
        self._hold_tree(clone, step, place)

    def _hold_tree(self, clone: Git, step: Step, place: str) -> None:
        mine = History(clone, ())
        head = clone.run("rev-parse", "HEAD").strip()
        came, wanted = mine.tree(head), self._history.tree(step.commit)
        for path in sorted(came.keys() | wanted.keys()):
            if came.get(path) == wanted.get(path):
                continue
            old = (self._history.file(step.commit, path) or b"").decode("utf-8", "replace")
            new = (mine.file(head, path) or b"").decode("utf-8", "replace")
            modes = [tree[path][0] if path in tree else "absent" for tree in (wanted, came)]
            shown = quote_locks(path, old, new) or (
                f"    - there, + here\n{difference(old.splitlines(), new.splitlines())}"
            )
            raise ReplayError(
                f"{path} isn't what step {step.number} (“{step.subject}”) holds: mode {modes[0]} "
                f"there, {modes[1]} here\n{shown}",
                place=place,
                remedy=_remedy(step, path),
            )

    def finish(self) -> None:
        """The chapter ends at its tag: all steps committed, nothing left over."""
        place = self.blocks[-1].place if self.blocks else str(self.page)
        missing = self._steps[self._committed :]
        if missing:
            raise ReplayError(
                f"the chapter ends before step {missing[0].number} (“{missing[0].subject}”)",
                place=place,
                remedy=f"Show it, and end it with $ git commit -m {missing[0].subject!r}.",
            )
        clone = Git(self.top())
        self._hold_tree(clone, self._steps[-1], place)
        left = clone.run("status", "--porcelain")
        if left:
            raise ReplayError(
                f"the chapter leaves changes that no step commits:\n{left.rstrip()}",
                place=place,
                remedy="Commit them in a step, or take them back with a command.",
            )


def _remedy(step: Step, path: str) -> str:
    if is_lock(path):
        name = f"steps/{step.phase.number}.{step.number}"
        return (
            "Which versions a lock holds is the step's decision. Take the lock before the commit:\n"
            f"`git restore --source={name} -- {path}`, then `uv sync --locked`."
        )
    return "Add to the chapter what is missing, or save the step: `workbook dev export`."
