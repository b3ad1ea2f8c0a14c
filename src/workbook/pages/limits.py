"""How much a chapter asks of its reader, and how much it may ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from workbook.pages.blocks import Block, Kind, read_page
from workbook.pages.transcript import parse

__all__ = [
    "MAX_HTML",
    "MAX_SCREENS",
    "PER_CHAPTER",
    "TALL",
    "Amount",
    "exceeded",
    "measure",
    "prose",
    "typed_lines",
]

TALL: tuple[str, ...] = (
    "01-initial-setup",
    "02-quality-gates",
    "03-application-skeleton",
    "04-containerization",
    "05-database-layer",
    "06-migrations",
    "10-property-tests",
    "11-ledger",
    "12-concurrency",
)
"""The folders of the chapters that fill more screens than they may. They wait to be cut."""

MAX_SCREENS = 12
"""Screens of 1280 by 800 that a chapter fills with its boxes closed; a browser measures them."""

MAX_HTML = 300
"""Thousands of bytes of HTML that a chapter's page holds."""

TYPED = frozenset({Kind.LISTING, Kind.EDIT})
SHOWS_NOTHING = re.compile(r"git (?:-\S+ )*(?:add|commit|restore|rm|switch)\b|cd\b")
PICTURE = re.compile(r"^!\[", re.MULTILINE)
WORD = re.compile(r"\w[\w\u2019'.-]*")


@dataclass(frozen=True, slots=True)
class Amount:
    """What a chapter holds for its reader to read and to type."""

    words: int
    """Of prose, headings and tables included, blocks not."""
    typed: int
    """Lines of all listings, and the added lines of all edits."""
    listings: int
    """Listings and edits that are typed."""
    longest: int
    """Lines of the longest of these."""
    blind: int
    """Lines that are typed with nothing to run or to look at between them, at the most."""


PER_CHAPTER = Amount(words=2500, typed=250, listings=10, longest=40, blind=60)
"""The most that a chapter may hold."""


def measure(page: Path) -> Amount:
    """Count what a chapter holds. Raises `PageError` for a page that breaks the grammar."""
    text, blocks = page.read_text(encoding="utf-8"), read_page(page)
    lengths = [typed_lines(block) for block in blocks if block.kind in TYPED]
    return Amount(
        words=len(WORD.findall(prose(text, blocks))),
        typed=sum(lengths),
        listings=len(lengths),
        longest=max(lengths, default=0),
        blind=max(_stretches(text, blocks), default=0),
    )


def exceeded(amount: Amount) -> Mapping[str, tuple[int, int]]:
    """What is more than it may be: each with how much it is and how much it may be."""
    pairs = {
        field.name: (getattr(amount, field.name), getattr(PER_CHAPTER, field.name))
        for field in fields(Amount)
    }
    return {name: (is_, may_be) for name, (is_, may_be) in pairs.items() if is_ > may_be}


def typed_lines(block: Block) -> int:
    """How many lines of the block a reader types: of an edit, those that it adds."""
    lines = block.text.splitlines()
    if block.kind is not Kind.EDIT:
        return len(lines)
    return sum(line.startswith("+") and not line.startswith("+++ ") for line in lines)


def prose(text: str, blocks: Sequence[Block]) -> str:
    """What stands outside the front matter and all blocks."""
    lines = text.split("\n")
    start = lines.index("---", 1) + 1 if lines[0] == "---" else 0
    for block in blocks:
        end = block.line + block.text.count("\n") + 1  # of the closing fence, from 1
        lines[block.line - 1 : end] = [""] * (end - block.line + 1)
    return "\n".join(lines[start:])


def _stretches(text: str, blocks: Sequence[Block]) -> Iterator[int]:
    """Add up what is typed, from one thing to run or to look at to the next."""
    stops = {text.count("\n", 0, found.start()) + 1 for found in PICTURE.finditer(text)}
    stops |= {block.line for block in blocks if _shows(block)}
    typed = {block.line: typed_lines(block) for block in blocks if block.kind in TYPED}
    stretch = 0
    for line in sorted(stops | typed.keys()):
        stretch = 0 if line in stops else stretch + typed[line]
        yield stretch


def _shows(block: Block) -> bool:
    """Whether the block is something to run or to look at; a commit and a take show nothing."""
    if block.kind is Kind.EXAMPLE:
        return True
    return block.kind is Kind.TRANSCRIPT and not all(
        SHOWS_NOTHING.match(command.text) for command in parse(block)
    )
