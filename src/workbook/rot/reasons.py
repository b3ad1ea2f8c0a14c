"""Why a command of pytest or uv failed, in one line of its own output."""

from __future__ import annotations

import re

__all__ = ["first_reason"]

_REASONS = (
    re.compile(r"^((?:FAILED|ERROR:?|FAIL) .*)$", re.MULTILINE),
    # uv says in the second line what the first is about.
    re.compile(r"^(error: .*)(?:\n +cause: (.*))?$", re.MULTILINE),
)


def first_reason(output: str) -> str:
    """The first line that says why a command failed, and how many more such lines there are."""
    for pattern in _REASONS:
        if found := [": ".join(filter(None, hit.groups())) for hit in pattern.finditer(output)]:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            return found[0] + more
    lines = output.split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")
