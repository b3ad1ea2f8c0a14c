"""The count of a page's fenced blocks by parsers that aren't ours: none may escape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pytest_examples import find_examples

from workbook.pages.blocks import Block, Kind, PageError, place_of

__all__ = ["count_fences", "crosscheck"]


def count_fences(page: Path) -> int:
    """How many fenced blocks CommonMark sees, those in collapsed blocks included.

    Raises `PageError` for indented code, which nothing holds true.
    """
    return len(_fence_lines(page))


def crosscheck(page: Path, blocks: Sequence[Block]) -> None:
    """Raise `PageError` if CommonMark or pytest-examples sees other blocks than `read_page`."""
    ours = {block.line for block in blocks}
    theirs = set(_fence_lines(page))
    if ours != theirs:
        line = min(ours ^ theirs)
        seen = (
            "CommonMark sees a block here that isn't read"
            if line in theirs
            else ("a block here that CommonMark doesn't see")
        )
        raise PageError(
            f"{seen}: {len(theirs)} blocks by CommonMark, {len(ours)} are read",
            place=place_of(page, line),
            remedy="Put the fence at the margin, outside comments, lists and HTML.",
        )
    found = {example.start_line: example.source for example in list(find_examples(page))}
    for block in blocks:
        if block.kind is Kind.EXAMPLE and found.get(block.line) != block.text:
            raise PageError(
                "pytest-examples doesn't see this example as it stands",
                place=block.place,
                remedy="Look for ``` that isn't paired, in this block or in a listing before it.",
            )


def _fence_lines(page: Path) -> list[int]:
    text = page.read_text(encoding="utf-8")
    return list(_walk(page, text, 0))


def _walk(page: Path, text: str, above: int) -> Iterator[int]:
    before: Token | None = None
    for token in MarkdownIt("commonmark").parse(text):
        line = above + (token.map[0] if token.map else 0) + 1
        if token.type == "fence":
            yield line
        elif token.type == "code_block":
            if before is None or not _opens_container(before):
                raise PageError(
                    "indented code: nothing runs it, compares it or counts it",
                    place=place_of(page, line),
                    remedy="Fence it.",
                )
            yield from _walk(page, token.content, line - 1)
        if token.type in {"inline", "fence", "html_block", "hr", "code_block"}:
            before = token


def _opens_container(token: Token) -> bool:
    last = token.content.rsplit("\n", 1)[-1]
    return token.type == "inline" and last.startswith(("???", "!!!"))
