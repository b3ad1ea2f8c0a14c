"""What listings, edits and excerpts show: text of the steps, or of the tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from workbook.blocks import COPIED, Block, Kind, read_page, rewrite
from workbook.errors import WorkbookError
from workbook.excerpts import find_symbol
from workbook.history import History, Step
from workbook.ledger import hold_ledger
from workbook.phases import Phase, load_phases
from workbook.project import Project
from workbook.series import build
from workbook.steps import number_steps

__all__ = ["ListingError", "chapter_text", "excerpt_text", "page_text", "pages", "refresh"]


class ListingError(WorkbookError):
    """A block shows what isn't there."""


def pages(project: Project) -> tuple[Path, ...]:
    """The pages that are no chapters: README.md and what else is in docs/."""
    found = [page for page in project.docs.rglob("*.md") if project.evolution not in page.parents]
    readme = project.root / "README.md"
    return (*([readme] if readme.is_file() else []), *sorted(found))


def refresh(project: Project, numbers: Sequence[int] = ()) -> list[Path]:
    """Rewrite the listings of the chapters, by default of all pages; gives the changed pages.

    A chapter shows its phase's steps, another page the tree as it is here.
    """
    phases = load_phases(project)
    history = build(project, phases)
    changed = []
    for phase in phases:
        if not numbers or phase.number in numbers:
            changed += _refresh_chapter(history, phases, phase)
    for page in () if numbers else pages(project):
        texts = [
            page_text(project, block) if block.kind in COPIED else None
            for block in read_page(page, unfilled=True)
        ]
        changed += _write(page, texts)
    return changed


def _refresh_chapter(history: History, phases: Sequence[Phase], phase: Phase) -> list[Path]:
    blocks = read_page(phase.page, unfilled=True)
    texts = [
        chapter_text(history, phases, phase, blocks, at) if block.kind in COPIED else None
        for at, block in enumerate(blocks)
    ]
    return _write(phase.page, texts)


def _write(page: Path, texts: Sequence[str | None]) -> list[Path]:
    """Put the texts into the page's blocks; None leaves one alone."""
    before = page.read_text(encoding="utf-8")
    blocks = read_page(page, unfilled=True)
    # From the end, so that the lines of the blocks before stay true.
    for block, text in reversed(list(zip(blocks, texts, strict=True))):
        if text is not None and text != block.text:
            rewrite(block, text)
    hold_ledger(page, read_page(page))
    return [page] if page.read_text(encoding="utf-8") != before else []


def chapter_text(
    history: History, phases: Sequence[Phase], phase: Phase, blocks: Sequence[Block], at: int
) -> str:
    """What the chapter's block number `at` must show, by the steps. Raises `ListingError`."""
    block = blocks[at]
    path, _, symbol = (block.title or "").partition("::")
    steps = history.steps_of(phase)
    numbers = number_steps(blocks)
    if block.kind is Kind.EXCERPT:
        shown = any(
            other.title == path and numbers[index] == numbers[at]
            for index, other in enumerate(blocks[:at])
        )
        return _excerpt_of_steps(history, phases, steps, numbers[at], shown, block, path, symbol)
    if numbers[at] >= len(steps):
        raise ListingError(
            f"this stands behind commit {numbers[at]}, and the phase has {len(steps)} steps",
            place=block.place,
            remedy="Put it before the step's `$ git commit`, or show an excerpt: path::name.",
        )
    step = steps[numbers[at]]
    return (
        _edit(history, step, block, path)
        if block.kind is Kind.EDIT
        else _file(history.file(step.commit, path), f"step {step.number} (“{step.subject}”)", block)
    )


def page_text(project: Project, block: Block) -> str | None:
    """What a block outside the chapters must show; None for a file that it itself brings."""
    path, _, symbol = (block.title or "").partition("::")
    file = project.root / path
    if block.kind is Kind.EDIT or (block.kind is Kind.LISTING and not file.is_file()):
        return None
    content = file.read_bytes() if file.is_file() else None
    text = _file(content, "this tree", block)
    return excerpt_text(text, symbol, block) if symbol else text


def _edit(history: History, step: Step, block: Block, path: str) -> str:
    diff = history.diff(step.parent, step.commit, path)
    start = diff.find("\n@@ ") + 1
    where = f"step {step.number} (“{step.subject}”)"
    what = remedy = ""
    if not diff:
        what, remedy = f"{where} doesn't change {path}", _changed(history, step)
    elif "\nnew file mode" in diff[: start or None]:
        what, remedy = f"{path} is new in {where}", "Show the whole file instead of an edit."
    elif "\ndeleted file mode" in diff[: start or None]:
        what, remedy = f"{path} goes away in {where}", "Remove it with `$ git rm`."
    elif not start:
        what, remedy = f"{where} changes no text of {path}", "Change it with a command."
    elif "\n\\ No newline" in diff:
        what, remedy = f"{path} has no end of its last line", "Change it with a command."
    if what:
        raise ListingError(what, place=block.place, remedy=remedy)
    # A blank context line without the blank, which editors take away and git doesn't need.
    return re.sub(r"^ $", "", diff[start:], flags=re.MULTILINE)


def _changed(history: History, step: Step) -> str:
    files = history.stat(step.parent, step.commit)
    return "It changes " + ", ".join(file.path for file in files) + "."


def _file(content: bytes | None, where: str, block: Block) -> str:
    path = (block.title or "").partition("::")[0]
    what = remedy = ""
    text = (content or b"").decode("utf-8", "replace")
    if content is None:
        what, remedy = f"{where} has no file {path}", "Correct the title, or take the block away."
    elif not content:
        what, remedy = f"{path} is empty in {where}", f"Make it with `$ touch {path}`."
    elif "\r" in text or "\ufffd" in text or not text.endswith("\n"):
        what = f"{path} in {where} can't be shown: its lines don't all end in a plain line feed"
        remedy = "Make it with a command."
    if what:
        raise ListingError(what, place=block.place, remedy=remedy)
    return text


def _excerpt_of_steps(
    history: History,
    phases: Sequence[Phase],
    steps: Sequence[Step],
    number: int,
    shown: bool,
    block: Block,
    path: str,
    symbol: str,
) -> str:
    """The symbol before the step, or after it if the page has already shown the file in it."""
    before = steps[number - 1].commit if number else steps[0].parent
    after = steps[min(number, len(steps) - 1)].commit
    for commit in (after, before) if shown else (before, after):
        content = history.file(commit, path) if commit else None
        if content is not None:
            text = find_symbol(content.decode("utf-8", "replace"), symbol)
            if text is not None:
                return text
    raise _no_symbol(block)


def excerpt_text(source: str, symbol: str, block: Block) -> str:
    """The symbol's lines in the source. Raises `ListingError` if it isn't there."""
    text = find_symbol(source, symbol)
    if text is None:
        raise _no_symbol(block)
    return text


def _no_symbol(block: Block) -> ListingError:
    path, _, symbol = (block.title or "").partition("::")
    return ListingError(
        f"there is no {symbol} in {path} at this point",
        place=block.place,
        remedy="Name a function, a class, Class.method or a variable of the module.",
    )
