"""The findings about rot as Markdown: what moved, what broke."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging.version import Version

from workbook.rot.rot import Finding, Move, Walk

__all__ = ["describe"]

_LONGEST = 300


def describe(findings: Sequence[Finding], walks: Sequence[Walk]) -> Iterator[str]:
    """The lines: a table of the phases, one of the chapters if any was followed, the images."""
    yield from _table(
        ("Phase", "uv", "Python", "Moved", "Broke"),
        [
            (
                finding.phase.tag,
                finding.uv,
                finding.python,
                _moved(finding.moves),
                finding.broke or "nothing",
            )
            for finding in findings
        ],
    )
    if walks:
        yield ""
        yield from _table(
            ("Chapter", "Broke"), [(walk.page, walk.broke or "nothing") for walk in walks]
        )
    images = sorted({image for finding in findings for image in finding.images})
    if images:
        yield ""
        yield "No image registry was asked. The phases name these images:"
        yield ""
        yield from (f"- `{image}`" for image in images)


def _moved(moves: Sequence[Move]) -> str:
    major = [move for move in moves if _is_major(move)]
    told = [f"{move.name} {'/'.join(move.before)} → {'/'.join(move.after)}" for move in major]
    come = [move.name for move in moves if not move.before]
    gone = [move.name for move in moves if not move.after]
    parts = (("major", told), ("new", come), ("gone", gone))
    return "; ".join(
        [str(len(moves)), *(f"{what}: {', '.join(names)}" for what, names in parts if names)]
    )


def _is_major(move: Move) -> bool:
    if not move.before or not move.after:
        return False
    before, after = (max(map(Version, side)) for side in (move.before, move.after))
    return before.major != after.major


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    line = " ".join(text.split())
    short = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return short.replace("|", "\\|")
