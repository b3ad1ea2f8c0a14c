"""One bash that runs the commands of a page and is gone afterwards, with all it started."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from workbook.errors import WorkbookError
from workbook.replay.processes import MARK, end_all, is_running

__all__ = ["Outcome", "Shell", "ShellError"]

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TICK = 0.05


class ShellError(WorkbookError):
    """A command came to no end; `output` is what it had printed until then."""

    def __init__(self, what: str, output: str, remedy: str) -> None:
        """Say what happened, what had been printed and what to do next."""
        super().__init__(what, remedy=remedy)
        self.output = output


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, and what it printed on both streams, in order."""

    status: int
    output: str


class Shell:
    """bash without start-up files, in a session of its own; `folder` holds scripts and outputs."""

    def __init__(self, folder: Path, cwd: Path, environment: Mapping[str, str]) -> None:
        """Start bash in the folder `cwd`."""
        self.cwd = cwd
        self._folder = folder
        self._count = 0
        self._job = 0
        folder.mkdir(parents=True)
        self._pipe = folder / "status"
        os.mkfifo(self._pipe)
        # Open for both, so that neither side waits for the other to come or sees it go.
        self._status = os.open(self._pipe, os.O_RDWR | os.O_NONBLOCK)
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=cwd,
            env={**environment, MARK: str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def run(self, command: str, *, limit: float) -> Outcome:
        """Run a command to its end. Raises `ShellError` if that takes over `limit` seconds."""
        script = self._send(command)
        status = self._await_status(script, limit)
        return Outcome(status, self._read(script))

    def start(
        self, command: str, *, is_ready: Callable[[str], bool], limit: float, quiet: float = 0
    ) -> Outcome:
        """Start a command that stays in the background, and wait until its output is ready.

        Gives up, with the output so far, when the command ends or `limit` seconds have passed;
        with `quiet`, also when it has printed something and then nothing for so many seconds.
        """
        script = self._send(command)
        status = self._await_status(script, limit)
        begin = changed = time.monotonic()
        said = ""
        while True:
            ended = not is_running(self._job)
            before, said = said, self._read(script)
            now = time.monotonic()
            changed = now if said != before else changed
            settled = quiet > 0 and said != "" and now - changed > quiet
            if is_ready(said) or ended or settled or now - begin > limit:
                return Outcome(status, said)
            time.sleep(_TICK)

    def set(self, variables: Mapping[str, str | None]) -> None:
        """Give the commands that follow these variables; None takes one away."""
        lines = [
            f"unset {name}" if value is None else f"export {name}={quote(value)}"
            for name, value in variables.items()
        ]
        self.run("\n".join(lines), limit=10)

    def close(self, *, grace: float = 8) -> None:
        """End everything that the commands started: asked first, made to after `grace` seconds."""
        end_all(self._bash.pid, str(self._folder), grace)
        self._bash.wait()
        if self._bash.stdin:
            with suppress(BrokenPipeError):
                self._bash.stdin.close()
        os.close(self._status)

    def _send(self, command: str) -> Path:
        self._count += 1
        script = self._folder / f"{self._count:04}.sh"
        script.write_text(f"{command}\n", encoding="utf-8")
        line = (
            f". {quote(str(script))} </dev/null >{quote(str(script.with_suffix('.out')))} 2>&1; "
            f'printf "%s\\t%s\\t%s\\n" "$?" "${{!:-0}}" "$PWD" >{quote(str(self._pipe))}\n'
        )
        if self._bash.stdin:
            with suppress(BrokenPipeError):
                self._bash.stdin.write(line.encode())
                self._bash.stdin.flush()
        return script

    def _await_status(self, script: Path, limit: float) -> int:
        end = time.monotonic() + limit
        said = b""
        while not said.endswith(b"\n"):
            left = end - time.monotonic()
            if left <= 0:
                what = f"no end within {limit:g} s"
                remedy = "End a server's command with ` &`; nothing is typed into a command."
                raise ShellError(what, self._read(script), remedy)
            if select.select([self._status], [], [], min(left, 0.2))[0]:
                said += os.read(self._status, 65536)
            elif self._bash.poll() is not None:
                what = "an end that took the page's shell with it"
                raise ShellError(what, self._read(script), "Don't `exit` or `exec`; use ( … ).")
        status, job, cwd = said.decode().rstrip("\n").split("\t", 2)
        self._job, self.cwd = int(job), Path(cwd)
        return int(status)

    def _read(self, script: Path) -> str:
        """What the command has printed, as a reader's own bash would show it."""
        output = script.with_suffix(".out")
        if not output.exists():
            return ""
        text = _ANSI.sub("", output.read_bytes().decode("utf-8", "replace"))
        lines = []
        at = re.compile(rf"{re.escape(str(self._folder))}/\d+\.sh: line \d+: ")
        for line in text.split("\n"):
            # A job that a signal has ended: an interactive bash says that in other words.
            if at.match(line) and re.match(
                r" *\d+ (Terminated|Killed|Interrupt)", at.sub("", line)
            ):
                continue
            lines.append(at.sub("bash: ", line).rstrip("\r").rsplit("\r", 1)[-1])
        return "\n".join(lines)
