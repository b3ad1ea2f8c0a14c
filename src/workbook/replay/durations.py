"""Where the time of a replay goes: its slowest blocks, and the total of each page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbook.pages.blocks import Block, Kind
from workbook.pages.transcript import parse

__all__ = ["Duration", "measure", "render_durations"]

_SHOWN = 20
_LEAST = 0.05  # seconds
_WIDTH = 75


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a block took; `subject` is its first command, or the file that it is about."""

    place: str
    kind: str
    subject: str
    seconds: float


def measure(blocks: Sequence[Block], seconds: Mapping[int, float]) -> tuple[Duration, ...]:
    """The durations of a page's blocks that were reached; `seconds` go by a block's number."""
    return tuple(
        Duration(blocks[number].place, blocks[number].kind, _subject(blocks[number]), took)
        for number, took in seconds.items()
    )


def render_durations(pages: Mapping[str, tuple[float, Sequence[Duration]]]) -> list[str]:
    """The slowest blocks of all pages, then the pages; each page has its total in seconds."""
    blocks = [
        (block, total and block.seconds / total)
        for total, durations in pages.values()
        for block in durations
    ]
    blocks = [entry for entry in blocks if entry[0].seconds >= _LEAST]
    blocks.sort(key=lambda entry: -entry[0].seconds)
    lines = ["", " seconds  of page  slowest blocks"]
    for block, share in blocks[:_SHOWN]:
        lines.append(f"{block.seconds:8.1f}  {share:7.0%}  {block.place} {block.kind}")
        lines.append(f"{'':19}{block.subject}")
    lines += ["", " seconds  pages"]
    by_total = sorted(pages.items(), key=lambda entry: -entry[1][0])
    lines += [f"{total:8.1f}  {page}" for page, (total, _) in by_total]
    lines.append(f"{sum(total for total, _ in pages.values()):8.1f}  in all")
    return lines


def _subject(block: Block) -> str:
    if block.title is not None:
        return block.title
    command = parse(block)[0].text if block.kind is Kind.TRANSCRIPT else block.text
    first = command.split("\n", 1)[0]
    return first if len(first) <= _WIDTH else f"{first[: _WIDTH - 1]}…"
