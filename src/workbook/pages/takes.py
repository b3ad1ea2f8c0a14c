"""What a chapter takes from its step: files that a reader neither types nor makes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from workbook.errors import WorkbookError
from workbook.history.steps import History, Step
from workbook.pages.blocks import Block, Kind

__all__ = ["Take", "TakeError", "covers", "hold_take", "name_step", "takes", "takes_files"]

_SOURCE = re.compile(r"(?<=--source=)steps/\d+\.\d+\b")
_RESTORE = re.compile(r"(?m)^\s*git restore .*--source=(?P<step>steps/\d+\.\d+)\b.*$")

_CONTINUED = re.compile(r"\\\n *(?:> ?)?")  # by the shell, or as a transcript shows it


class TakeError(WorkbookError):
    """A chapter takes what its step doesn't have."""


@dataclass(frozen=True, slots=True)
class Take:
    """What `git restore --source=steps/N.M -- paths` names."""

    step: str
    paths: tuple[str, ...]


def takes(commands: str) -> Iterator[Take]:
    """What commands take from steps; a path may be a folder."""
    for found in _RESTORE.finditer(_CONTINUED.sub(" ", commands)):
        words = shlex.split(found[0], comments=True)
        paths = words[words.index("--") + 1 :] if "--" in words else []
        yield Take(found["step"], tuple(paths))


def takes_files(block: Block) -> bool:
    """Whether a command of the block takes files from a step."""
    return block.kind is Kind.TRANSCRIPT and _SOURCE.search(block.text) is not None


def name_step(block: Block, step: Step) -> str:
    """The transcript's text with `step` in place of the steps that its commands take from."""
    return _SOURCE.sub(step.name, block.text)


def hold_take(take: Take, history: History, step: Step | None, place: str) -> None:
    """Raise `TakeError` unless the files are those of `step`, the one that the page is in."""
    if step is None or take.step != step.name:
        where = f"within {step.name} (“{step.subject}”)" if step else "behind the last step"
        raise TakeError(
            f"this takes from {take.step}, and stands {where}",
            place=place,
            remedy="Run `workbook dev fill`, which names the step that the page is in.",
        )
    changed = [change.path for change in history.stat(step.parent, step.commit)]
    if not take.paths:
        raise TakeError(
            "this names no file to take",
            place=place,
            remedy=f"Write the paths: `git restore --source={step.name} -- {changed[0]}`.",
        )
    for path in take.paths:
        if not any(covers(path, file) for file in changed):
            raise TakeError(
                f"{step.name} (“{step.subject}”) doesn't change {path}",
                place=place,
                remedy="It changes " + ", ".join(changed) + ".",
            )


def covers(path: str, file: str) -> bool:
    """Whether a path that a command names is the file, or a folder that holds it."""
    return file == path or file.startswith(path.rstrip("/") + "/")
