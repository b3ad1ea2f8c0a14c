"""How each file of a chapter comes to its reader: typed, taken from the step, or made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from workbook.history.steps import History, Step
from workbook.pages.blocks import Block, Kind
from workbook.pages.numbering import number_steps
from workbook.pages.takes import covers, takes
from workbook.pages.transcript import parse

__all__ = ["Arrival", "arrivals"]


class Arrival(StrEnum):
    """How a changed file of a step gets into the reader's tree."""

    TYPED = "typed"
    TAKEN = "taken"
    MADE = "made"


def arrivals(
    history: History, steps: Sequence[Step], blocks: Sequence[Block]
) -> Mapping[tuple[int, str], Arrival]:
    """For each step's number and file that it changes: what the chapter's blocks say of it.

    What is neither typed nor taken is made by a command, which the replay holds to the step.
    """
    typed: set[tuple[int, str]] = set()
    taken: set[tuple[int, str]] = set()
    for block, number in zip(blocks, number_steps(blocks), strict=True):
        if block.kind in {Kind.LISTING, Kind.EDIT}:
            typed.add((number + 1, block.title or ""))
        elif block.kind is Kind.TRANSCRIPT:
            for command in parse(block):
                taken |= {(number + 1, path) for take in takes(command.text) for path in take.paths}
    found: dict[tuple[int, str], Arrival] = {}
    for step in steps:
        for change in history.stat(step.parent, step.commit):
            key = (step.number, change.path)
            if key in typed:
                found[key] = Arrival.TYPED
            elif any(at == step.number and covers(path, change.path) for at, path in taken):
                found[key] = Arrival.TAKEN
            else:
                found[key] = Arrival.MADE
    return found
