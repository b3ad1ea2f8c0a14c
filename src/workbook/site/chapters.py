"""What the site puts around a chapter: its place in the book, how to start, how to end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from workbook.history.phases import Phase
from workbook.history.steps import History, Step
from workbook.pages.blocks import Block, Kind
from workbook.pages.limits import measure
from workbook.pages.numbering import commits, number_steps
from workbook.pages.takes import takes_files
from workbook.pages.transcript import parse
from workbook.site.changes import taken
from workbook.site.composition import FileNote

__all__ = ["Chapter"]

HEADING = re.compile(r"^# (.*)$", re.MULTILINE)
FRONT = re.compile(r"\A---\n(.*?)^---\n", re.MULTILINE | re.DOTALL)
WORDS_A_MINUTE = 200
LINES_A_MINUTE = 6


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter among all of them."""

    phase: Phase
    phases: Sequence[Phase]
    history: History
    blocks: Sequence[Block]

    @property
    def place(self) -> str:
        """Where in the book it is."""
        return f"Chapter {self.phase.number} of {len(self.phases)}"

    def frame(self, text: str) -> str:
        """Put the head below the chapter's heading, and the end behind its text."""
        title = f"title: {self.place} · {self.phase.title}\n"
        front = f'---\n{title.replace(": ", ': "', 1)[:-1]}"\nsearch:\n  boost: 4\n---\n'
        text = FRONT.sub(front, text, count=1)
        number = f'<span class="number">{self.place}</span>'
        heading = f"# {number} {escape(self.phase.title, quote=False)}\n\n{self._head()}\n"
        return HEADING.sub(lambda _: heading, text, count=1).rstrip("\n") + "\n\n" + self._end()

    def notes(self) -> dict[int, FileNote]:
        """What the steps do to the files of the chapter's listings, by the blocks' lines."""
        steps = self.history.steps_of(self.phase)
        found: dict[int, FileNote] = {}
        for block, done in zip(self.blocks, number_steps(self.blocks), strict=True):
            if block.kind not in {Kind.LISTING, Kind.EDIT} or done >= len(steps):
                continue
            step = steps[done]
            for change in self.history.stat(step.parent, step.commit, block.title or ""):
                is_new = not step.parent or change.path not in self.history.tree(step.parent)
                found[block.line] = FileNote(change, is_new)
        return found

    def after(self, block: Block) -> list[str]:
        """Say below a transcript what it takes, and which step it ends."""
        if block.kind is not Kind.TRANSCRIPT:
            return []
        lines = []
        if takes_files(block):
            commands = "\n".join(command.text for command in parse(block))
            lines += [taken(commands, self.phase, self.history), ""]
        if any(commits(command, block) for command in parse(block)):
            numbers = zip(self.blocks, number_steps(self.blocks), strict=True)
            done = next(done for other, done in numbers if other.line == block.line)
            lines += [self._step_line(done), ""]
        return lines

    def _step_line(self, number: int) -> str:
        steps = self.history.steps_of(self.phase)
        if number >= len(steps):
            return ""
        step: Step = steps[number]
        link = f'<a href="changes/#step-{step.number}">{escape(step.subject, quote=False)}</a>'
        return f'<p class="step-line"><span>Step {step.number} of {len(steps)}</span> {link}</p>'

    def _head(self) -> str:
        amount = measure(self.phase.page)
        reading = max(5, round(amount.words / WORDS_A_MINUTE / 5) * 5)
        typing = max(5, round(amount.typed / LINES_A_MINUTE / 5) * 5)
        docker = any(block.options.get("needs") == "docker" for block in self.blocks)
        needs = (
            "git and uv; Docker for the blocks that say so" if docker else "git and uv; no Docker"
        )
        tag = f"`{self.phase.tag}`"
        return "\n".join(
            [
                '<div class="phase" markdown="1">',
                "",
                "| | |",
                "| --- | --- |",
                f"| Start | {self._start()} |",
                f"| Needs | {needs} |",
                f"| Takes | {reading} minutes to read, {typing} to type |",
                f"| Ends at | {tag}, commit [`{self.phase.commit[:10]}`](changes.md) |",
                f"| Must hold | `git diff {self.phase.tag}` prints nothing |",
                "| When lost | the same command says where you are off |",
                "",
                "</div>",
            ]
        )

    def _start(self) -> str:
        if self.phase.number == 1:
            return "in an empty folder"
        before = self.phases[self.phase.number - 2]
        command = f"git switch --create chapter-{self.phase.number:02} {before.tag}"
        return f"in your clone of this workbook, `{command}`"

    def _end(self) -> str:
        tag = self.phase.tag
        fetch = (
            f"`git fetch CLONE tag {tag}` with the path of your clone, then "
            if self.phase.number == 1
            else ""
        )
        lines = [
            f"## The end of chapter {self.phase.number}",
            "",
            f"- **Check yourself:** {fetch}`git diff {tag}` prints nothing.",
            "- **When lost:** that command shows where you are off, and"
            f" `git restore --source={tag} -- .` takes the chapter's end as it is.",
        ]
        if self.phase.number < len(self.phases):
            following = self.phases[self.phase.number]
            name = f"Chapter {following.number} · {following.title}"
            lines.append(f"- **Next:** [{name}](../{following.folder.name}/index.md).")
        else:
            lines.append(
                "- **What now:** here ends what is written. Take the service as your own from"
                f" `{tag}`, [run it](../../guides/running.md), or"
                " [change a chapter](../../guides/changing-history.md) and see what follows."
            )
        return "\n".join(["", *lines, ""])
