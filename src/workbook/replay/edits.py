"""The reader's working tree: writes there what a page shows."""

from __future__ import annotations

from pathlib import Path

from workbook.history.git import Git, GitError
from workbook.messages import difference
from workbook.pages.blocks import Block
from workbook.replay.locks import quote_locks
from workbook.replay.transcript_runner import ReplayError

__all__ = ["FOLDER", "apply_edit", "hold", "write_listing"]

FOLDER = "fastapi-single-process"
"""What the reader's clone is called."""


def write_listing(tree: Path, block: Block) -> None:
    """Write the file that a listing shows; one that begins with `#!` becomes executable."""
    file = _inside(tree, block)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text, encoding="utf-8")
    if block.text.startswith("#!"):
        file.chmod(0o755)


def apply_edit(tree: Path, block: Block) -> None:
    """Apply the hunks that an edit shows."""
    _inside(tree, block)
    patch = f"--- a/{block.title}\n+++ b/{block.title}\n{block.text}"
    try:
        Git(tree).run("apply", "-", stdin=patch)
    except GitError as error:
        raise ReplayError(
            f"the edit doesn't apply: {error.what}",
            place=block.place,
            remedy=f"Look at what the commands before it have done to {block.title}.",
        ) from error


def _inside(tree: Path, block: Block) -> Path:
    file = tree / (block.title or "")
    if not file.resolve().is_relative_to(tree.resolve()):
        raise ReplayError(
            f"{block.title} is no path within the project",
            place=block.place,
            remedy="Write the path from the project's folder, such as src/a.py.",
        )
    return file


def hold(block: Block, wanted: str | None) -> None:
    """Raise `ReplayError` if the block doesn't show the wanted text."""
    if block.text != wanted:
        there = wanted or ""
        shown = quote_locks(block.title or "", there, block.text) or difference(
            block.text.splitlines(), there.splitlines()
        )
        raise ReplayError(
            f"the {block.kind} of {block.title} isn't what is there\n{shown}",
            place=block.place,
            remedy="Run `workbook dev fill`, which writes it into the page.",
        )
