"""What listings, edits, excerpts and takes show: text of a phase's steps, or of the tree."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbook.errors import WorkbookError
from workbook.history.phases import Phase
from workbook.history.steps import History, Step
from workbook.pages.blocks import COPIED, Block, Kind
from workbook.pages.numbering import number_steps
from workbook.pages.symbols import find_symbol
from workbook.pages.takes import covers, name_step, takes, takes_files
from workbook.pages.transcript import parse
from workbook.project import Project

__all__ = ["ListingError", "chapter_texts", "excerpt_text", "page_text"]


class ListingError(WorkbookError):
    """A block shows what isn't there."""


def chapter_texts(history: History, phase: Phase, blocks: Sequence[Block]) -> list[str | None]:
    """What each block of the chapter must show, by the steps; None for other kinds.

    Raises `ListingError` for the first that can't show anything.
    """
    steps = history.steps_of(phase)
    texts: list[str | None] = []
    seen: set[tuple[int, str]] = set()  # the files that the page has shown or taken, by step
    for block, number in zip(blocks, number_steps(blocks), strict=True):
        text = None
        if block.kind is Kind.EXCERPT:
            shown = any(at == number and covers(path, _path(block)) for at, path in seen)
            text = _excerpt(history, steps, number, shown, block)
        elif block.kind in COPIED:
            text = _copy(history, _step(steps, number, block), block)
            seen.add((number, _path(block)))
        elif takes_files(block):
            text = name_step(block, _step(steps, number, block))
            commands = "\n".join(command.text for command in parse(block))
            seen |= {(number, path) for take in takes(commands) for path in take.paths}
        texts.append(text)
    return texts


def page_text(project: Project, block: Block) -> str | None:
    """What a block outside the chapters must show; None for what it itself brings."""
    file = project.root / _path(block)
    if (
        block.kind not in COPIED
        or block.kind is Kind.EDIT
        or (block.kind is Kind.LISTING and not file.is_file())
    ):
        return None
    content = file.read_bytes() if file.is_file() else None
    text = _file(content, "this tree", block)
    return excerpt_text(text, block) if block.kind is Kind.EXCERPT else text


def _step(steps: Sequence[Step], number: int, block: Block) -> Step:
    if number >= len(steps):
        raise ListingError(
            f"this stands behind commit {number}, and the phase has {len(steps)} steps",
            place=block.place,
            remedy="Put it before the step's `$ git commit`, or show an excerpt: path::name.",
        )
    return steps[number]


def _copy(history: History, step: Step, block: Block) -> str:
    if block.kind is Kind.EDIT:
        return _edit(history, step, block)
    content = history.file(step.commit, _path(block))
    return _file(content, _name(step), block)


def _name(step: Step) -> str:
    return f"step {step.number} (“{step.subject}”)"


def _path(block: Block) -> str:
    return (block.title or "").partition("::")[0]


def _edit(history: History, step: Step, block: Block) -> str:
    path = _path(block)
    diff = history.diff(step.parent, step.commit, path)
    start = diff.find("\n@@ ") + 1
    where = _name(step)
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
    path = _path(block)
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


def _excerpt(
    history: History, steps: Sequence[Step], number: int, shown: bool, block: Block
) -> str:
    """The symbol before the step, or after it if the page has already shown the file in it."""
    before = steps[number - 1].commit if number else steps[0].parent
    after = steps[min(number, len(steps) - 1)].commit
    for commit in (after, before) if shown else (before, after):
        content = history.file(commit, _path(block)) if commit else None
        text = _cut(content.decode("utf-8", "replace"), block) if content else None
        if text is not None:
            return text
    raise _no_symbol(block)


def excerpt_text(source: str, block: Block) -> str:
    """The lines that an excerpt shows of its file. Raises `ListingError` if they aren't there."""
    text = _cut(source, block)
    if text is None:
        raise _no_symbol(block)
    return text


def _cut(source: str, block: Block) -> str | None:
    return find_symbol(source, (block.title or "").partition("::")[2])


def _no_symbol(block: Block) -> ListingError:
    path, _, symbol = (block.title or "").partition("::")
    return ListingError(
        f"there is no {symbol} in {path} at this point",
        place=block.place,
        remedy="Name a function, a class, Class.method or a variable of the module.",
    )
