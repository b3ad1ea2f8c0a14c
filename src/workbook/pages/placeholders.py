"""What stands for output that differs each time: `<uuid>`, `<time>`, `...` and their like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

__all__ = ["ELLIPSIS", "generalise", "pattern", "shape"]

ELLIPSIS = "..."
"""At a line's end the rest of it; alone on a line any lines."""

# Alternatives are tried from left to right: the longer form first.
PLACEHOLDERS = {
    "<uuid>": r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    "<time>": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?UTC| ?[+-]\d\d:?\d\d)?"
    r"|(?:\w{3}, )?\d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"
    r"|\w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4}(?: [+-]\d{4})?"
    r"|\d{8}_\d{4}(?:\d\d)?|\d\d:\d\d:\d\d(?:[.,]\d+)?|\d{4}-\d\d-\d\d",
    "<duration>": r"(?:\d+m ?)?\d+(?:\.\d+)? ?(?:ns|us|µs|μs|ms|seconds?|secs?|s|minutes?|min|m)\b"
    r"(?: \(\d+:\d\d:\d\d\))?",
    "<version>": r"\d+(?:\.\d+)+(?:\.?(?:a|b|rc|post|dev)\d+)*",
    "<hash>": r"[0-9a-f]{7,64}",
    "<int>": r"\d+",
}
_VERSION = re.compile(rf"(?<![\d.<]){PLACEHOLDERS['<version>']}")
_RULE = re.compile(r"([=_─-])\1{3,}")
# What `accept` takes for a value that differs each time; a hash holds a digit and a letter.
_VOLATILE = (
    ("<uuid>", re.compile(rf"\b{PLACEHOLDERS['<uuid>']}\b")),
    ("<time>", re.compile(rf"\b(?:{PLACEHOLDERS['<time>']})")),
    ("<duration>", re.compile(rf"(?<![\w.]){PLACEHOLDERS['<duration>']}")),
    ("<hash>", re.compile(r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\b")),
    ("[<int>]", re.compile(r"\[\d{2,}\]")),
)


@cache
def pattern(line: str) -> re.Pattern[str]:
    """What an expected line matches. A count may stand further to the right, a rule be longer."""
    rest = line.endswith(ELLIPSIS)
    # `wc` and others set a count to the right on some systems.
    counts = re.match(r" *(\d|<int>)", line) is not None
    shown = line.lstrip(" ") if counts else line
    parts = re.split("|".join(PLACEHOLDERS), shown.removesuffix(ELLIPSIS))
    names = re.findall("|".join(PLACEHOLDERS), line)
    text = (" *" if counts else "") + _literal(parts[0])
    for name, part in zip(names, parts[1:], strict=True):
        text += f"(?:{PLACEHOLDERS[name]}){_literal(part)}"
    return re.compile(text + (".*" if rest else ""))


def _literal(text: str) -> str:
    """The text, in which a rule may have another length: it goes with the terminal's width."""
    pieces = _RULE.split(text)
    ends = ("", "{4,}")  # every second piece is a rule's character
    return "".join(re.escape(piece) + ends[at % 2] for at, piece in enumerate(pieces))


def generalise(line: str) -> str:
    """The line with placeholders for what differs each time."""
    for placeholder, volatile in _VOLATILE:
        line = volatile.sub(placeholder, line)
    return line


def shape(expected: Sequence[str]) -> tuple[str, ...]:
    """The lines with any version in place of each: what an index answers on another day."""
    return tuple(_VERSION.sub("<version>", line) for line in expected)
