"""What becomes of every block of the workbook, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from workbook.pages.blocks import Block, Kind, read_page
from workbook.pages.crosscheck import crosscheck

__all__ = ["count_fates", "fate_of"]


def fate_of(block: Block) -> str:
    """What holds the block true: its kind; of a transcript also where it is run, if not always."""
    if block.options.get("run") == "ci":
        return f"{block.kind}, run by .ci/run alone"
    if block.is_slow:
        return f"{block.kind}, slow"
    if "needs" in block.options:
        return f"{block.kind}, needs {block.options['needs']}"
    return block.kind


def count_fates(pages: Iterable[Path]) -> dict[str, int]:
    """How many blocks of the pages have each fate, by kind; a fate that no block has is left out.

    Raises `PageError` if a page's blocks aren't those that CommonMark sees.
    """
    counts: Counter[str] = Counter()
    for page in pages:
        blocks = read_page(page)
        crosscheck(page, blocks)
        counts.update(fate_of(block) for block in blocks)
    kinds = list(Kind)
    return {
        fate: counts[fate]
        for fate in sorted(counts, key=lambda fate: (kinds.index(Kind(fate.split(",")[0])), fate))
    }
