"""Types a transcript's commands into the page's shell, and compares what comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.machine import MachineError, describe_fault
from workbook.messages import difference, quote_lines
from workbook.pages.blocks import place_of
from workbook.pages.placeholders import ELLIPSIS, shape
from workbook.pages.transcript import Command, accept, match
from workbook.replay.sandbox import Sandbox
from workbook.replay.shell import Outcome, Shell, ShellError

__all__ = ["ReplayError", "TranscriptRunner"]

_READY = 60.0  # seconds for a server in the background to be ready
_SETTLED = 15.0  # the same while its output is being accepted, or
_QUIET = 3.0  # this long after its last word
_NOT_FOUND = 127  # bash's status for a command that isn't there


class ReplayError(WorkbookError):
    """A page doesn't do what it says."""


@dataclass(frozen=True, slots=True)
class TranscriptRunner:
    """Runs the commands of a page; with `accepting`, what comes is what shall be shown.

    With `by_shape`, any version stands for any other: an index has those of the day.
    """

    page: Path
    sandbox: Sandbox
    shell: Shell
    accepting: bool
    limit: float
    by_shape: bool = False

    def run(self, command: Command, status: int) -> Command:
        """Run a command that must end with `status`; gives it as the page shall show it.

        Raises `ReplayError` if it ends otherwise or not at all, or, unless accepting, prints
        something else.
        """
        outcome = self._outcome(command)
        lines = self._lines(outcome.output)
        if outcome.status != status:
            what = f"ended with status {outcome.status}, not {status}; it printed"
            self._refuse_fault(command, outcome, what, outcome.status)
            raise self._wrong(command, what, quote_lines(lines), _remedy(outcome.status))
        if match(self._expected(command), lines) and not (self.accepting and not command.expected):
            return command
        if self.accepting:
            return replace(command, expected=accept(command.expected, lines))
        self._refuse_fault(command, outcome, "printed something else")
        raise self._wrong(
            command,
            "printed something else",
            # What the placeholders cover is no difference.
            difference(self._shown(command), accept(self._shown(command), lines)),
            "Correct the page, or let `workbook replay --accept` write what came.",
        )

    def _outcome(self, command: Command) -> Outcome:
        text = self.sandbox.translate(command.text)
        try:
            if command.in_background:
                return self._start(command, text)
            return self.shell.run(text, limit=self.limit)
        except ShellError as error:
            said = quote_lines(self._lines(error.output))
            raise self._wrong(
                command, f"came to {error.what}; it had printed", said, error.remedy or ""
            ) from error

    def _start(self, command: Command, text: str) -> Outcome:
        # Where nothing is expected yet, everything would match at once.
        unknown = self.accepting and not command.expected

        def is_ready(said: str) -> bool:
            return not unknown and match(self._expected(command), self._lines(said))

        limit = min(self.limit, _SETTLED if self.accepting else _READY)
        quiet = _QUIET if self.accepting else 0
        return self.shell.start(text, is_ready=is_ready, limit=limit, quiet=quiet)

    def _refuse_fault(self, command: Command, outcome: Outcome, what: str, status: int = 0) -> None:
        """Raise `MachineError` if the output shows that the page isn't to blame."""
        said = [line for line in outcome.output.split("\n") if line not in command.expected]
        remedy = describe_fault(said, status=status, folder=str(self.sandbox.folder))
        if remedy is not None:
            shown = quote_lines(self._lines(outcome.output))
            wrong = self._wrong(command, what, shown, remedy)
            raise MachineError(wrong.what, place=wrong.place, remedy=remedy)

    def _lines(self, output: str) -> list[str]:
        return self.sandbox.restore(output).split("\n")

    def _wrong(self, command: Command, what: str, shown: str, remedy: str) -> ReplayError:
        first, *others = command.text.split("\n")
        brief = f"{first} …" if others else first
        place = place_of(self.page, command.line)
        return ReplayError(f"`{brief}` {what}\n{shown}", place=place, remedy=remedy)

    def _shown(self, command: Command) -> Sequence[str]:
        return shape(command.expected) if self.by_shape else command.expected

    def _expected(self, command: Command) -> Sequence[str]:
        # A server goes on talking after what the page shows of it.
        shown = self._shown(command)
        return (*shown, ELLIPSIS) if command.in_background else shown


def _remedy(status: int) -> str:
    if status == _NOT_FOUND:
        return "Install the command on this machine. If readers don't have it, correct the page."
    return "If the page is to show that, say exit=N at a transcript that ends with it."
