"""A page as its fenced blocks, in order, each of a kind that something holds true."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbook.atomic import write_text
from workbook.errors import WorkbookError
from workbook.pages.grammar import COPIED, Kind, PageError, read_info
from workbook.project import Project

__all__ = ["COPIED", "Block", "Kind", "PageError", "place_of", "read_page", "rewrite"]

BACKTICKS = "```"
TILDES = "~~~"
_OPENING = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<info>.*)")
_NESTED = re.compile(r"\s*(?:>|[-*+] |\d+[.)] )[\s>]*(?:`{3,}|~{3,})")
_CONTAINER = re.compile(r"(?:\?\?\?\+?|!!!) ")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `line` counts from 1 and is the opening fence, `text` is without indent."""

    page: Path
    line: int
    kind: Kind
    language: str
    title: str | None
    options: Mapping[str, str]
    indent: int
    text: str
    fence: str

    @property
    def is_slow(self) -> bool:
        """Whether only a replay that is asked for slow blocks runs it."""
        return self.options.get("run") == "slow"

    @property
    def place(self) -> str:
        """Page and line of the opening fence, as messages name them."""
        return place_of(self.page, self.line)


def place_of(page: Path, line: int) -> str:
    """A line of a page as messages name it: relative to its project, if it is in one."""
    try:
        return Project.find(page.parent).place(page.resolve(), line)
    except WorkbookError:
        return f"{page}:{line}"


def read_page(page: Path, *, unfilled: bool = False) -> tuple[Block, ...]:
    """Every fenced block of the page, in order. Raises `PageError` for what has no fate.

    With `unfilled`, listings, edits and excerpts may be empty: `workbook dev fill` fills them.
    """
    lines = page.read_text(encoding="utf-8").split("\n")
    return tuple(_scan(page, lines, unfilled))


def rewrite(block: Block, text: str) -> None:
    """Replace the block's text in its page; the fence becomes one that the text doesn't hold."""
    fence = TILDES if BACKTICKS in text else BACKTICKS
    if fence in text:
        raise PageError(
            "the text holds both ``` and ~~~, so that no fence can enclose it",
            place=block.place,
            remedy="Make the file with a command of a transcript instead.",
        )
    lines = block.page.read_text(encoding="utf-8").split("\n")
    first, last = block.line - 1, block.line + block.text.count("\n")
    margin = " " * block.indent
    body = [margin + line if line else "" for line in text.split("\n")[:-1]]
    opening = lines[first].replace(block.fence, fence, 1)
    lines[first : last + 1] = [opening, *body, margin + fence]
    write_text(block.page, "\n".join(lines))


def _scan(page: Path, lines: Sequence[str], unfilled: bool) -> Iterator[Block]:
    number = lines.index("---", 1) + 1 if lines[0] == "---" and "---" in lines[1:] else 0
    container = False
    while number < len(lines):
        line = lines[number]
        if line.strip() and not line.startswith("    "):
            container = _CONTAINER.match(line) is not None
            if container and number + 1 < len(lines) and lines[number + 1].strip():
                what = "what a collapsed block holds begins after an empty line"
                raise PageError(what, place=place_of(page, number + 2), remedy="Put one in.")
        found = _OPENING.fullmatch(line)
        if found is None:
            _refuse_nested(page, number, line)
            number += 1
            continue
        _refuse_fence(page, number, found, container)
        end = _closing(page, lines, number, found)
        yield _block(page, lines[number + 1 : end], number, found, unfilled)
        number = end + 1


def _refuse_nested(page: Path, number: int, line: str) -> None:
    if _NESTED.match(line):
        raise PageError(
            "a fence in a quotation or behind a list's mark: pytest-examples would skip it",
            place=place_of(page, number + 1),
            remedy="Put the fence at the margin.",
        )
    if line.lstrip().startswith((BACKTICKS, TILDES)):
        what = "a fence behind a tab: tools disagree about it"
        raise PageError(what, place=place_of(page, number + 1), remedy="Use spaces.")


def _refuse_fence(page: Path, number: int, found: re.Match[str], container: bool) -> None:
    indent, fence = len(found["indent"]), found["fence"]
    what = None
    if len(fence) > 3 and fence[0] == "`":
        what = "a fence of more than three backticks: pytest-examples would lose the blocks after"
        remedy = "Enclose what holds backticks in ~~~."
    elif len(fence) > 3:
        what, remedy = "a fence of more than three tildes", "Use exactly three."
    elif "`" in found["info"]:
        what = (
            "three backticks begin this line and are no fence: pytest-examples takes them for one"
        )
        remedy = "Move them within the line."
    elif indent not in {0, 4} or (indent and not container):
        what = "an indented fence that isn't content of a `???` or `!!!` block"
        remedy = "Put it at the margin, or indent it by 4 below `??? example`."
    if what:
        raise PageError(what, place=place_of(page, number + 1), remedy=remedy)


def _closing(page: Path, lines: Sequence[str], number: int, found: re.Match[str]) -> int:
    fence = found["fence"]
    for end in range(number + 1, len(lines)):
        if lines[end] == found["indent"] + fence:
            return end
        if fence in lines[end]:
            raise PageError(
                f"{fence} within a block that {fence} encloses, or a closing fence that isn't "
                "indented like its opening",
                place=place_of(page, end + 1),
                remedy="Close the block with exactly its opening fence; enclose a listing that "
                "holds backticks in ~~~.",
            )
    raise PageError(
        "the block has no end",
        place=place_of(page, number + 1),
        remedy=f"Close it with {fence}, indented like its opening.",
    )


def _block(
    page: Path, body: Sequence[str], number: int, found: re.Match[str], unfilled: bool
) -> Block:
    info = read_info(found["info"], place_of(page, number + 1))
    indent = len(found["indent"])
    block = Block(
        page,
        number + 1,
        info.kind,
        info.language,
        info.title,
        info.options,
        indent,
        "".join(f"{_dedent(line, indent)}\n" for line in body),
        found["fence"],
    )
    _refuse_text(block, unfilled)
    return block


def _dedent(line: str, indent: int) -> str:
    margin = len(line) - len(line.lstrip(" "))
    return line[min(indent, margin) :]


def _refuse_text(block: Block, unfilled: bool) -> None:
    what = None
    if not block.text.strip() and not (unfilled and block.kind in COPIED):
        what = "the block is empty: pytest-examples would lose the blocks after it"
        remedy = "Fill it"
        remedy += " with `workbook dev fill`." if block.kind in COPIED else ", or take it away."
    elif block.fence == TILDES and block.kind in {Kind.TRANSCRIPT, Kind.EXAMPLE}:
        what, remedy = f"a {block.kind} in ~~~: pytest-examples doesn't see it", "Use ```."
    if what:
        raise PageError(what, place=block.place, remedy=remedy)
