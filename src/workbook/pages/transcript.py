"""Console blocks: commands and what they print, with placeholders for what differs each time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbook.errors import WorkbookError
from workbook.pages.blocks import Block, place_of
from workbook.pages.placeholders import ELLIPSIS, generalise, pattern

__all__ = ["Command", "TranscriptError", "accept", "match", "parse", "render"]


class TranscriptError(WorkbookError):
    """A transcript is no sequence of commands, or doesn't come true."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, the lines it shall print, and the line of the page it begins at."""

    text: str
    expected: tuple[str, ...]
    line: int

    @property
    def in_background(self) -> bool:
        """Whether it ends in `&`: a server, which is ready when its output has appeared."""
        return re.search(r"(?<!&)&\s*$", self.text) is not None


def parse(block: Block) -> tuple[Command, ...]:
    """The commands of a transcript: `$ ` begins one, `> ` on the next lines continues it."""
    commands: list[Command] = []
    typing = False
    for number, line in enumerate(block.text.splitlines(), start=block.line + 1):
        if line.startswith("$ "):
            commands.append(Command(line[2:], (), number))
            typing = True
        elif not commands:
            raise TranscriptError(
                "a transcript begins with a command",
                place=place_of(block.page, number),
                remedy="Write `$ ` before the command; what isn't typed is ```text.",
            )
        elif typing and (line == ">" or line.startswith("> ")):
            last = commands[-1]
            commands[-1] = Command(f"{last.text}\n{line[2:]}", (), last.line)
        else:
            last = commands[-1]
            commands[-1] = Command(last.text, (*last.expected, line), last.line)
            typing = False
    return tuple(commands)


def render(commands: Sequence[Command]) -> str:
    """The text of a transcript, as `parse` reads it."""
    lines: list[str] = []
    for command in commands:
        first, *others = command.text.split("\n")
        lines += [f"$ {first}", *(f"> {other}".rstrip() for other in others), *command.expected]
    return "".join(f"{line}\n" for line in lines)


def match(expected: Sequence[str], actual: Sequence[str]) -> bool:
    """Whether the output is what the transcript shows.

    `...` alone on a line stands for any lines, at a line's end for the rest of it. Blanks at the
    end of lines and empty lines at the end don't count, nor do the blanks before a number that
    begins a line and the length of a rule (`=====`).
    """
    wanted, lines = _trimmed(expected), _trimmed(actual)
    at = line = 0
    ellipsis, resume = -1, 0
    while line < len(lines):
        if at < len(wanted) and _is_ellipsis(wanted[at]):
            ellipsis, resume = at, line
            at += 1
        elif at < len(wanted) and pattern(wanted[at]).fullmatch(lines[line]):
            at += 1
            line += 1
        elif ellipsis >= 0:
            resume += 1
            at, line = ellipsis + 1, resume
        else:
            return False
    return all(_is_ellipsis(rest) for rest in wanted[at:])


def accept(expected: Sequence[str], actual: Sequence[str]) -> tuple[str, ...]:
    """What the transcript should show instead, in the words of `expected` where they hold.

    Lines that still match stay as they are, `...` goes on standing for what it can; new lines get
    placeholders for volatile values.
    """
    if match(expected, actual):
        return tuple(expected)
    wanted, lines = _trimmed(expected), _trimmed(actual)
    kept = _longest(wanted, lines)
    result: list[str] = []
    at = line = 0
    while at < len(wanted) or line < len(lines):
        both = at < len(wanted) and line < len(lines)
        if both and _held(wanted[at], lines[line]) and kept[at][line] > kept[at + 1][line + 1]:
            result.append(wanted[at])
            at, line = at + 1, line + 1
        elif at < len(wanted) and _is_ellipsis(wanted[at]):
            while line < len(lines) and kept[at + 1][line + 1] == kept[at + 1][line]:
                line += 1
            result.append(wanted[at])
            at += 1
        elif both and kept[at + 1][line + 1] == kept[at][line]:
            result.append(generalise(lines[line]))  # a changed line
            at, line = at + 1, line + 1
        elif at < len(wanted) and kept[at + 1][line] == kept[at][line]:
            at += 1
        else:
            result.append(generalise(lines[line]))
            line += 1
    return tuple(result)


def _longest(wanted: Sequence[str], lines: Sequence[str]) -> list[list[int]]:
    """How many expected lines can be kept, from each pair of positions on."""
    kept = [[0] * (len(lines) + 1) for _ in range(len(wanted) + 1)]
    for at in reversed(range(len(wanted))):
        for line in reversed(range(len(lines))):
            best = max(kept[at + 1][line], kept[at][line + 1])
            if _held(wanted[at], lines[line]):
                best = max(best, kept[at + 1][line + 1] + 1)
            kept[at][line] = best
    return kept


def _held(wanted: str, line: str) -> bool:
    return not _is_ellipsis(wanted) and pattern(wanted).fullmatch(line) is not None


def _is_ellipsis(line: str) -> bool:
    return line.strip() == ELLIPSIS


def _trimmed(lines: Sequence[str]) -> list[str]:
    result = [line.rstrip() for line in lines]
    while result and not result[-1]:
        result.pop()
    return result
