"""A page's blocks as plain Markdown that every generator reads: one fence, or HTML.

Collapsed blocks become ``<details>``, and all fences stand at the margin. Three or more in a row
go into one box that says how much there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from workbook.history.steps import Change
from workbook.pages.blocks import Block, Kind
from workbook.pages.grammar import COPIED
from workbook.site.transcripts import render_transcript

__all__ = ["After", "FileNote", "Notes", "compose"]

CONTAINER = re.compile(r'(?P<mark>\?\?\?\+?|!!!) +(?P<kind>\w+)(?: +"(?P<title>.*)")? *')
CODE = re.compile(r"`([^`]*)`")
RUN = 3  # boxes in a row that go into one


@dataclass(frozen=True, slots=True)
class FileNote:
    """What a step does to a file."""

    change: Change
    is_new: bool

    def __str__(self) -> str:
        """Say it as a summary does."""
        added, removed = self.change.added or 0, self.change.deleted or 0
        return f"new, {added} lines" if self.is_new else f"changed, +{added} -{removed}"


@dataclass(frozen=True, slots=True)
class _Part:
    lines: list[str]
    boxed: bool = False
    notes: tuple[FileNote, ...] = ()


type After = Callable[[Block], Sequence[str]]
type Notes = Mapping[int, FileNote]


def compose(text: str, blocks: Sequence[Block], notes: Notes, after: After) -> str:
    """Rewrite a page's text; `notes` are by a block's line, `after` gives what follows a block."""
    composer = _Composer(notes, after)
    parts = composer.parts(text.split("\n"), {block.line: block for block in blocks})
    lines: list[str] = []
    for boxed, group in groupby(parts, key=lambda part: part.boxed):
        run = list(group)
        body = [line for part in run for line in part.lines]
        lines += _gather(run, body) if boxed and len(run) >= RUN else body
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Composer:
    notes: Notes
    after: After

    def parts(self, lines: Sequence[str], blocks: Mapping[int, Block]) -> Iterator[_Part]:
        """Cut lines into blocks, boxes that hold blocks, and the rest; `blocks` by their line."""
        at = 0
        while at < len(lines):
            found, end = CONTAINER.fullmatch(lines[at]), _end(lines, at)
            inside = {n - at - 1: block for n, block in blocks.items() if at + 1 < n <= end}
            if at + 1 in blocks:
                block = blocks[at + 1]
                yield _Part(self._show(block))
                at += block.text.count("\n") + 2
            elif found and inside:
                yield self._box(found, lines[at + 1 : end], inside)
                at = end
            else:
                yield _Part([lines[at]])
                at += 1

    def _box(
        self, found: re.Match[str], lines: Sequence[str], inside: Mapping[int, Block]
    ) -> _Part:
        notes = tuple(
            self.notes[block.line] for block in inside.values() if block.line in self.notes
        )
        body = [line.removeprefix("    ") for line in lines]
        shown = [line for part in self.parts(body, inside) for line in part.lines]
        title = CODE.sub(r"<code>\1</code>", escape(found["title"] or found["kind"], quote=False))
        if found["mark"] == "!!!":
            head = f'<p class="admonition-title">{title}</p>'
            opening, closing = f'<div class="admonition {found["kind"]}" markdown="1">', "</div>"
            return _Part([opening, head, "", *shown, "", closing, ""])
        said = "".join(f" <small>{note}</small>" for note in notes[:1])
        opened = " open" if found["mark"].endswith("+") else ""
        opening = f'<details class="file"{opened} markdown="1">'
        head = f"<summary>{title}{said}</summary>"
        return _Part([opening, head, "", *shown, "", "</details>", ""], True, notes)

    def _show(self, block: Block) -> list[str]:
        if block.kind is Kind.TRANSCRIPT:
            return ["", render_transcript(block), "", *self.after(block)]
        fence = [f"{block.fence}{block.language}", *block.text.split("\n")[:-1], block.fence]
        if block.kind in COPIED:
            fence = [_caption(block, self.notes.get(block.line)), "", *fence]
        opening = f'<div class="block {block.kind}" data-search-exclude markdown="1">'
        return ["", opening, "", *fence, "", "</div>", "", *self.after(block)]


def _caption(block: Block, note: FileNote | None) -> str:
    said = f" <small>{note}</small>" if note and not block.indent else ""
    return f'<p class="filename"><code>{escape(block.title or "")}</code>{said}</p>'


def _gather(run: Sequence[_Part], body: Sequence[str]) -> list[str]:
    notes = [note for part in run for note in part.notes]
    added = sum(note.change.added or 0 for note in notes)
    removed = sum(note.change.deleted or 0 for note in notes)
    counts = f" <small>+{added} -{removed}</small>" if notes else ""
    head = f"<summary>{len(run)} files{counts}</summary>"
    return ['<details class="files" markdown="1">', head, "", *body, "", "</details>", ""]


def _end(lines: Sequence[str], at: int) -> int:
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith("    ")):
        end += 1
    return end
