"""The page "Changes" of a phase: every file and every step, as git shows them.

The diffs bypass Markdown and the highlighter: escaping them line by line costs milliseconds where
Pygments takes a second for a lock file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from workbook.history.build import History, Step
from workbook.history.phases import Phase
from workbook.pages.takes import covers, takes

__all__ = ["FileChange", "anchor", "link_taken", "render_changes", "render_steps", "split_diff"]

FILE = re.compile(r"^diff --git ", re.MULTILINE)
# What a person doesn't read: shown, but folded.
GENERATED = ("uv.lock",)
# A step's text may hold what Markdown takes for a list or emphasis: it is escaped like the diffs.
MARKER = '<div class="step" id="step-{number}"></div>'
CONSOLE = re.compile(r"^( *)```console.*?^\1```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^ *\$ ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a diff does to one file; `text` begins at the line after ``diff --git``."""

    path: str
    text: str

    @property
    def hunks(self) -> str:
        """The text from the first hunk on; empty for a rename, a change of mode, a binary file."""
        at = self.text.find("\n@@ ")
        return self.text[at + 1 :] if at >= 0 else ""

    def count(self, sign: str) -> int:
        """How many lines are added (``+``) or removed (``-``)."""
        return sum(line.startswith(sign) for line in self.hunks.splitlines())


def split_diff(text: str) -> list[FileChange]:
    """Cut git's diff into its files, in git's order."""
    parts = FILE.split(text)[1:]
    return [FileChange(_path(part), part.partition("\n")[2]) for part in parts]


def _path(part: str) -> str:
    # `+++` names the file, except where it goes away or has no hunk.
    first, *header = part.partition("\n@@ ")[0].splitlines()
    for line in header:
        if line.startswith("+++ b/"):
            return line[6:].rstrip("\t")
    half = len(first) // 2
    return first[half + 1 :].removeprefix("b/")


def render_changes(phase: Phase, start: Phase | None, history: History) -> str:
    """Write the page's Markdown: what changed in each file, and a heading for each step.

    The diffs come later, in place of the steps' markers; see `render_steps`.
    """
    steps = history.steps_of(phase)
    files = history.stat(history.tip(start) if start else None, history.tip(phase))
    begin = f"`{start.tag}`" if start else "an empty folder"
    lines = [
        "---",
        f"title: Changes in phase {phase.number}",
        "search:",
        "  exclude: true",
        "---",
        f"# Changes in phase {phase.number}: {phase.title}",
        "",
        f"From {begin} to `{phase.tag}`: {len(steps)} steps, {len(files)} files."
        " The [chapter](index.md) says why.",
        "",
        "| Added | Removed | File |",
        "| ---: | ---: | --- |",
        *(f"| {_shown(file.added)} | {_shown(file.deleted)} | `{file.path}` |" for file in files),
    ]
    for step in steps:
        lines += ["", f"## {step.number}. {_literal(step.subject)}", "", _marker(step)]
    return "\n".join(lines) + "\n"


def _shown(count: int | None) -> str:
    return "binary" if count is None else str(count)


def render_steps(html: str, phase: Phase, history: History) -> str:
    """Put the diffs of the phase's steps where the page's Markdown left their markers."""
    for step in history.steps_of(phase):
        html = html.replace(_marker(step), "".join(_render_step(step, history)), 1)
    return html


def link_taken(markdown: str, phase: Phase, history: History) -> str:
    """Say below each transcript that takes files where they can be read: on the page of changes."""
    steps = {step.name: step for step in history.steps_of(phase)}

    def add_links(block: re.Match[str]) -> str:
        commands = COMMAND.sub("", block[0])
        links = [
            f'<a href="changes/#{anchor(step, change.path)}"><code>{escape(change.path)}</code></a>'
            for take in takes(commands)
            if (step := steps.get(take.step))
            for change in history.stat(step.parent, step.commit)
            if any(covers(path, change.path) for path in take.paths)
        ]
        said = f"\n\n{block[1]}Taken as they are: {', '.join(links)}\n{block[1]}{{ .taken }}"
        return block[0] + (said if links else "")

    return CONSOLE.sub(add_links, markdown)


def anchor(step: Step, path: str) -> str:
    """Where on the page of changes a step's file stands."""
    return f"step-{step.number}-{re.sub(r'[^a-z0-9]+', '-', path.lower()).strip('-')}"


def _marker(step: Step) -> str:
    return MARKER.format(number=step.number)


def _literal(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", text)


def _render_step(step: Step, history: History) -> Iterator[str]:
    yield f"<p><code>{step.commit[:12]}</code></p>"
    for paragraph in step.body.split("\n\n"):
        if paragraph.strip() and not paragraph.startswith("Phase: "):
            yield f"<p>{escape(paragraph.strip())}</p>"
    for file in split_diff(history.diff(step.parent, step.commit)):
        yield from _render_file(file, anchor(step, file.path))


def _render_file(file: FileChange, anchor: str) -> Iterator[str]:
    state = "" if file.path in GENERATED else " open"
    counts = f"+{file.count('+')} -{file.count('-')}"
    yield f'<details class="change" id="{anchor}"{state}>'
    yield f"<summary>{escape(file.path)} <small>{counts}</small>"
    yield '</summary><div class="highlight"><pre><code>'
    yield from _render_lines(file.hunks or file.text)
    yield "</code></pre></div></details>"


def _render_lines(text: str) -> Iterator[str]:
    # The class names are those of Pygments' diff lexer, which the theme colours.
    names = {"+": "gi", "-": "gd", "@": "gu"}
    for line in text.splitlines():
        name = names.get(line[:1])
        shown = escape(line, quote=False)
        yield f'<span class="{name}">{shown}</span>\n' if name else f"{shown}\n"
