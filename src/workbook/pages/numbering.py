"""Which step of its phase a chapter's block belongs to: those up to a commit are one step."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbook.pages.blocks import Block, Kind, PageError
from workbook.pages.transcript import Command, parse

__all__ = ["commits", "number_steps"]

_COMMIT = re.compile(r"(?:^|&&|;|\n)\s*git commit\b")


def commits(command: Command, block: Block) -> bool:
    """Whether the command ends a step: it runs `git commit` and is to succeed."""
    fails = block.options.get("exit", "0") != "0" and command == parse(block)[-1]
    return _COMMIT.search(command.text) is not None and not fails


def number_steps(blocks: Sequence[Block]) -> list[int]:
    """For each block, how many commits stand before it.

    Raises `PageError` for a listing behind a commit in the same block: it can't be told apart.
    """
    numbers: list[int] = []
    done = 0
    for block in blocks:
        numbers.append(done)
        if block.kind is not Kind.TRANSCRIPT:
            continue
        found = sum(commits(command, block) for command in parse(block))
        if found and "run" in block.options:
            raise PageError(
                "a commit in a transcript that isn't always run",
                place=block.place,
                remedy="Give the commit a transcript of its own, without run=.",
            )
        if found > 1:
            raise PageError(
                "two commits in one transcript",
                place=block.place,
                remedy="Give each step a transcript of its own.",
            )
        done += found
    return numbers
