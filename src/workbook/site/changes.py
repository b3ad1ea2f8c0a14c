"""The page "Changes" of a phase: every file and every step, as git shows them.

The diffs are HTML in the Markdown, and bypass the highlighter: escaping them line by line costs
milliseconds where Pygments takes a second for a lock file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from workbook.history.phases import Phase
from workbook.history.steps import Change, History, Step
from workbook.pages.takes import covers, takes

__all__ = ["FileChange", "anchor", "render_changes", "split_diff", "taken"]

FILE = re.compile(r"^diff --git ", re.MULTILINE)
# What a person doesn't read: shown, but folded.
GENERATED = ("uv.lock",)


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

    @property
    def is_new(self) -> bool:
        """Whether the file wasn't there before."""
        return self.text.startswith("new file mode")

    @property
    def is_gone(self) -> bool:
        """Whether the file isn't there any more."""
        return self.text.startswith("deleted file mode")

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
    """Write the page's Markdown: what changed in each file, and each step with its diffs."""
    steps = history.steps_of(phase)
    files = history.stat(history.tip(start) if start else None, history.tip(phase))
    begin = f"`{start.tag}`" if start else "an empty folder"
    where = {
        change.path: anchor(step, change.path) for step in steps for change in _stat(step, history)
    }
    lines = [
        "---",
        f"title: Changes in phase {phase.number}",
        "search:",
        "  exclude: true",
        "---",
        f"# Changes in phase {phase.number}: {phase.title}",
        "",
        f"From {begin} to `{phase.tag}`: {len(steps)} steps, {len(files)} files."
        " The [chapter](index.md) says why. A file leads to the last step that changes it.",
        "",
        "| Added | Removed | File |",
        "| ---: | ---: | --- |",
        *(
            f"| {_shown(file.added)} | {_shown(file.deleted)}"
            f" | [`{file.path}`](#{where.get(file.path, '')}) |"
            for file in files
        ),
    ]
    for step in steps:
        lines += ["", f"## {step.number}. {_literal(step.subject)} {{ #step-{step.number} }}", ""]
        lines += ["".join(_render_step(step, history)), ""]
    return "\n".join(lines) + "\n"


def _stat(step: Step, history: History) -> tuple[Change, ...]:
    return history.stat(step.parent, step.commit)


def _shown(count: int | None) -> str:
    return "binary" if count is None else str(count)


def taken(commands: str, phase: Phase, history: History) -> str:
    """Say which files a transcript takes and where they can be read; nothing if it takes none."""
    steps = {step.name: step for step in history.steps_of(phase)}
    links = [
        f'<a href="changes/#{anchor(step, change.path)}"><code>{escape(change.path)}</code></a>'
        for take in takes(commands)
        if (step := steps.get(take.step))
        for change in _stat(step, history)
        if any(covers(path, change.path) for path in take.paths)
    ]
    return f'<p class="taken">Taken as they are: {", ".join(links)}</p>' if links else ""


def anchor(step: Step, path: str) -> str:
    """Where on the page of changes a step's file stands."""
    return f"step-{step.number}-{re.sub(r'[^a-z0-9]+', '-', path.lower()).strip('-')}"


def _literal(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", text)


def _render_step(step: Step, history: History) -> Iterator[str]:
    yield f'<div class="step"><p><code>{step.commit[:12]}</code></p>'
    for paragraph in step.body.split("\n\n"):
        if paragraph.strip() and not paragraph.startswith("Phase: "):
            yield f"<p>{_html(paragraph.strip())}</p>"
    for file in split_diff(history.diff(step.parent, step.commit)):
        yield from _render_file(file, anchor(step, file.path))
    yield "</div>"


def _render_file(file: FileChange, anchor: str) -> Iterator[str]:
    state = "" if file.path in GENERATED else " open"
    kind = "new" if file.is_new else "removed" if file.is_gone else "changed"
    counts = f"{kind}, +{file.count('+')} -{file.count('-')}"
    yield f'<details class="change" id="{anchor}"{state}>'
    yield f"<summary>{_html(file.path)} <small>{counts}</small>"
    yield '</summary><div class="highlight"><pre><code>'
    yield from _render_lines(file)
    yield "</code></pre></div></details>"


def _render_lines(file: FileChange) -> Iterator[str]:
    lines = (file.hunks or file.text).splitlines()
    if file.is_new and file.hunks:  # as it is, to read and to copy
        for line in lines[1:]:
            if line.startswith("+"):
                yield f'<span class="new">{_html(line[1:])}</span>\n'
        return
    # The class names are those of Pygments' diff lexer, which the theme colours. A line is a block:
    # its colour reaches the edge, and its own end is the line's.
    names = {"+": "gi", "-": "gd", "@": "gu"}
    for line in lines:
        name = names.get(line[:1])
        shown = _html(line)
        yield f'<span class="{name}">{shown}</span>\n' if name else f"{shown}\n"


def _html(text: str) -> str:
    # A fence is looked for in all of a page's Markdown, before its HTML is.
    return escape(text, quote=False).replace("`", "&#96;").replace("~~~", "&#126;&#126;&#126;")
