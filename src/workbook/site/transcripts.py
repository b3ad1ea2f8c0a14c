"""A transcript as HTML: what its commands are says `parse`, and no highlighter guesses.

The theme's copy button takes ``data-copy`` where there is one:
https://squidfunk.github.io/mkdocs-material/reference/code-blocks/
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from workbook.pages.blocks import Block
from workbook.pages.transcript import Command, parse

__all__ = ["labels", "render_transcript"]

NEEDS = {"docker": "needs Docker", "index": "needs an index"}


def render_transcript(block: Block) -> str:
    """Write the block's HTML; a copy of it is its commands."""
    commands = parse(block)
    copied = "\n".join(command.text for command in commands)
    kind = "transcript fails" if _fails(block) else "transcript"
    shown = "".join(f'<span class="label">{label}</span>' for label in labels(block))
    shown = f'<p class="labels">{shown}</p>' if shown else ""
    body = "".join(line for command in commands for line in _lines(command))
    return (
        f'<div class="language-console highlight {kind}" data-copy="{_attribute(copied)}"'
        f" data-search-exclude>{shown}<pre><code>{body}</code></pre></div>"
    )


def labels(block: Block) -> list[str]:
    """Say in words what the fence's options mean for a reader."""
    said = ["fails, as it should"] if _fails(block) else []
    said += [NEEDS[need]] if (need := block.options.get("needs")) in NEEDS else []
    return [*said, "slow"] if block.is_slow else said


def _fails(block: Block) -> bool:
    return block.options.get("exit", "0") != "0"


def _lines(command: Command) -> Iterator[str]:
    for number, line in enumerate(command.text.split("\n")):
        prompt = "&gt; " if number else "$ "
        yield f'<span class="gp">{prompt}</span><span class="command">{_text(line)}</span>\n'
    for line in command.expected:
        yield f'<span class="go">{_text(line)}</span>\n'


def _text(line: str) -> str:
    # A fence is looked for in all of a page's Markdown, before its HTML is.
    return escape(line, quote=False).replace("`", "&#96;").replace("~~~", "&#126;&#126;&#126;")


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;").replace("\n", "&#10;")
