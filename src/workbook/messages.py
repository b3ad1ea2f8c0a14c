"""Texts within messages: what was said, and how two texts differ."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

__all__ = ["difference", "quote_lines"]

_SHOWN = 80


def difference(expected: Sequence[str], actual: Sequence[str]) -> str:
    """How two texts differ, line by line: `-` is what the page says, `+` what came."""
    shown = list(difflib.unified_diff(expected, actual, "page", "came", lineterm="", n=2))
    return quote_lines(shown[2:] if shown else actual)


def quote_lines(lines: Sequence[str]) -> str:
    """Lines as a message shows them, of many only the first and the last."""
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    if len(kept) > _SHOWN:
        half = _SHOWN // 2
        kept = [*kept[:half], f"… {len(kept) - _SHOWN} lines …", *kept[-half:]]
    return "\n".join(f"    | {line}".rstrip() for line in kept or ["(nothing)"])
