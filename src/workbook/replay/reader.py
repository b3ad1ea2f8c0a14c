"""Follows a page, block by block, as a reader who does exactly what it says."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Self

from workbook.errors import WorkbookError
from workbook.machine import MachineError, describe_fault
from workbook.messages import quote_lines
from workbook.pages.blocks import Block, Kind, read_page, rewrite
from workbook.pages.crosscheck import crosscheck
from workbook.pages.transcript import Command, parse, render
from workbook.replay.containers import engine_answers, hold_images, remove_containers
from workbook.replay.examples import example_command
from workbook.replay.packages import OFFLINE, index_answers
from workbook.replay.sandbox import Sandbox
from workbook.replay.shell import Shell
from workbook.replay.transcript_runner import ReplayError, TranscriptRunner

__all__ = ["NotRunError", "Reader", "ReplayError"]

LIMIT = 300.0
"""How many seconds a command may take, unless a reader says otherwise."""


class NotRunError(WorkbookError):
    """A block isn't run here, and why; it is reported by name, never as passed."""


class Reader(ABC):
    """One page in a sandbox of its own; a context manager that ends what the page has started."""

    def __init__(
        self, page: Path, *, accept: bool = False, slow: bool = False, limit: float = LIMIT
    ) -> None:
        """Read the page.

        `accept` writes into it what comes, `slow` runs its slow blocks too, `limit` is seconds
        per command.
        """
        self.page = page
        self.blocks = read_page(page)
        crosscheck(page, self.blocks)
        self.seconds: dict[int, float] = {}
        """How long each block took, by its number."""
        self.not_run: list[str] = []
        """What was said of the blocks that weren't run, in order."""
        self._accept = accept
        self._slow = slow
        self._limit = limit
        self._done = 0
        self._failed: str | None = None
        self._engine = False
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Take a sandbox and start the page's shell in it."""
        try:
            self.sandbox = Sandbox()
            self._open.callback(self.sandbox.close)
            start = self.prepare()
            self.shell = Shell(self.sandbox.folder / "shell", start, self.sandbox.environment)
            self._open.callback(self.shell.close)
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End the shell and all that it has started, then leave the sandbox."""
        self._open.close()

    @abstractmethod
    def prepare(self) -> Path:
        """Furnish the sandbox; gives the folder that the reader starts in."""

    @abstractmethod
    def copy(self, block: Block, number: int) -> None:
        """Do what a listing, an edit or an excerpt says, and hold it to the truth."""

    @abstractmethod
    def finish(self) -> None:
        """Hold the page's end to the truth, after its last block."""

    @abstractmethod
    def before(self, command: Command, block: Block) -> None:
        """Hold what a command is about to do to the truth."""

    @abstractmethod
    def after(self, command: Command, block: Block) -> None:
        """Hold what a command has done to the truth."""

    def reach(self, number: int) -> None:
        """Run block `number`, and before it those that haven't run yet.

        Raises `NotRunError` if it isn't run here or an earlier block has failed.
        """
        while self._done <= number:
            if self._failed:
                raise NotRunError(
                    f"not reached: {self._failed} failed", place=self.blocks[number].place
                )
            at, self._done = self._done, self._done + 1
            begin = time.monotonic()
            try:
                self._run(at)
            except NotRunError as reason:
                self.not_run.append(str(reason))
                if at == number:
                    raise
            except BaseException:
                self._failed = self.blocks[at].place
                raise
            finally:
                self.seconds[at] = time.monotonic() - begin

    def end(self) -> None:
        """Run what hasn't run yet, then hold the page's end to the truth."""
        for number in range(self._done, len(self.blocks)):
            with suppress(NotRunError):
                self.reach(number)
        if self._failed:
            raise NotRunError(f"not reached: {self._failed} failed", place=str(self.page))
        self.finish()

    def _run(self, number: int) -> None:
        block = self.blocks[number]
        if block.kind is Kind.TRANSCRIPT:
            self._transcript(block)
        elif block.kind is Kind.EXAMPLE:
            self._example(block)
        elif block.kind is not Kind.ILLUSTRATION:
            self.copy(block, number)

    def top(self) -> Path:
        """The reader's project: the git working tree around the shell's folder, or that folder."""
        for folder in (self.shell.cwd, *self.shell.cwd.parents):
            if (folder / ".git").exists() and folder.is_relative_to(self.sandbox.work):
                return folder
        return self.shell.cwd

    def _transcript(self, block: Block) -> None:
        self._hold_back(block)
        needs = block.options.get("needs")
        if needs and not index_answers():  # an image is built from one, too
            raise NotRunError("not run: no package index answers", place=block.place)
        if needs == "docker":
            self._take_engine(block)
        with self._online() if needs == "index" else nullcontext():
            self._type(block, by_shape=needs == "index")

    def _type(self, block: Block, *, by_shape: bool) -> None:
        commands = parse(block)
        status = int(block.options.get("exit", "0"))
        runner = TranscriptRunner(
            self.page, self.sandbox, self.shell, self._accept, self._limit, by_shape
        )
        came: list[Command] = []
        for command in commands:
            wanted = status if command is commands[-1] else 0
            self.before(command, block)
            came.append(runner.run(command, wanted))
            self.after(command, block)
        if came != list(commands):
            rewrite(block, render(came))
            self.blocks = read_page(self.page)

    def _hold_back(self, block: Block) -> None:
        if block.options.get("run") == "ci":
            raise NotRunError("not run here: `.ci/run` runs it", place=block.place)
        if block.is_slow and not self._slow:
            what = "not run here, because it is slow: `workbook replay --slow` runs it"
            raise NotRunError(what, place=block.place)

    @contextmanager
    def _online(self) -> Iterator[None]:
        """Let commands ask an index, by the settings of whoever follows the page."""
        theirs = {name: os.environ.get(name) for name in OFFLINE}
        self.shell.set(theirs)
        yield
        self.shell.set({name: self.sandbox.environment[name] for name in OFFLINE})

    def _take_engine(self, block: Block) -> None:
        if not engine_answers():
            raise NotRunError(
                "not run: no container engine answers `docker info`", place=block.place
            )
        if not self._engine:
            self._engine = True
            self._open.callback(hold_images(block.place.partition(":")[0]).release)
            ports = tuple(self.sandbox.ports.values())
            self._open.callback(remove_containers, self.sandbox.environment, ports)

    def _example(self, block: Block) -> None:
        folder = self.sandbox.folder / "examples"
        command = example_command(block, folder, self.top(), update=self._accept)
        outcome = self.shell.run(command, limit=self._limit)
        if outcome.status != 0:
            lines = self.sandbox.restore(outcome.output).split("\n")
            what = f"the example fails\n{quote_lines(lines)}"
            said, mine = outcome.output.split("\n"), str(self.sandbox.folder)
            if (remedy := describe_fault(said, status=outcome.status, folder=mine)) is not None:
                raise MachineError(what, place=block.place, remedy=remedy)
            raise ReplayError(
                what,
                place=block.place,
                remedy="Correct it, or let `workbook replay --accept` write its `#>` lines.",
            )
        if self._accept:
            self.blocks = read_page(self.page)
