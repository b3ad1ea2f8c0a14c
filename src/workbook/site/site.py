"""What the site adds: chapter headers, changes pages, the tables of phases and settings.

Chapters are complete without any of it. `mkdocs_hook` calls these methods at MkDocs' events:
https://www.mkdocs.org/dev-guide/plugins/#events
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from workbook import service
from workbook.history.build import History, build
from workbook.history.phases import Phase, load_phases
from workbook.pages.arrivals import Arrival, arrivals
from workbook.pages.blocks import read_page
from workbook.pages.fates import count_fates
from workbook.pages.fill import all_pages
from workbook.project import Project
from workbook.site.changes import GENERATED, link_taken, render_changes, render_steps

__all__ = ["Site", "mark_continuations", "plain_fences"]

FENCE = re.compile(r"^(?P<start>\s*(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*))(?P<rest>.*)$")
PROMPT = '<span class="gp">'
CONTINUATION = re.compile(r'<span class="go">&gt; ?(.*)</span>')
TITLE = re.compile(r'\stitle="[^"]*"')
HEADING = re.compile(r"^# .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Site:
    """The phases and their steps, as the pages show them."""

    project: Project
    phases: tuple[Phase, ...]
    history: History

    @classmethod
    def of(cls, project: Project) -> "Site":
        """Read the phases and build their steps. Raises WorkbookError if they don't hold."""
        phases = load_phases(project)
        return cls(project, phases, build(project, phases))

    def navigation(self) -> list[dict[str, list[str]]]:
        """List the chapters, each with its page of changes, in MkDocs' form."""
        return [
            {
                f"{phase.number} · {phase.title}": [
                    f"{_folder(phase)}/index.md",
                    f"{_folder(phase)}/changes.md",
                ]
            }
            for phase in self.phases
        ]

    def changes(self) -> Iterator[tuple[str, str]]:
        """Give the path and the Markdown of each page of changes."""
        for phase, start in zip(self.phases, (None, *self.phases), strict=False):
            yield f"{_folder(phase)}/changes.md", render_changes(phase, start, self.history)

    def complete_markdown(self, path: str, markdown: str) -> str:
        """Add to a page what the site generates; `path` is below ``docs/``."""
        markdown = plain_fences(markdown)
        if "<!-- phases -->" in markdown:
            markdown = markdown.replace("<!-- phases -->", self._phase_table(path))
        if "<!-- fates -->" in markdown:
            markdown = markdown.replace("<!-- fates -->", self._fate_table())
        if "<!-- arrivals -->" in markdown:
            markdown = markdown.replace("<!-- arrivals -->", self._arrival_table())
        if "<!-- settings -->" in markdown:
            table = service.describe_settings(self.project.make_state())
            markdown = markdown.replace("<!-- settings -->", table)
        if "<!-- problems -->" in markdown:
            sections = service.describe_problems(self.project.make_state())
            markdown = markdown.replace("<!-- problems -->", sections)
        for phase in self.phases:
            if path == f"{_folder(phase)}/index.md":
                markdown = link_taken(markdown, phase, self.history)
                return _put_under_heading(self._header(phase), markdown)
        return markdown

    def complete_html(self, path: str, html: str) -> str:
        """Put the diffs into a page of changes; mark the continued commands of other pages."""
        for phase in self.phases:
            if path == f"{_folder(phase)}/changes.md":
                return render_steps(html, phase, self.history)
        return mark_continuations(html)

    def _header(self, phase: Phase) -> str:
        start = self._start(phase)
        return "\n".join(
            [
                '<div class="phase" markdown>',
                "",
                f"- Starts from: {f'`{start.tag}`' if start else 'an empty folder'}",
                f"- Ends at: `{phase.tag}`, commit `{phase.commit}`",
                f"- Look at the end: `git switch --detach {phase.tag}`"
                " (`uv run workbook tags` makes the tags)",
                "- [All changes, file by file](changes.md)",
                "",
                "</div>",
            ]
        )

    def _start(self, phase: Phase) -> Phase | None:
        at = self.phases.index(phase)
        return self.phases[at - 1] if at else None

    def _phase_table(self, path: str) -> str:
        up = "../" * path.count("/")
        rows = ["| Phase | Tag of its end | Steps | Lines |", "| --- | --- | ---: | ---: |"]
        for phase in self.phases:
            start = self._start(phase)
            before = self.history.tip(start) if start else None
            files = self.history.stat(before, self.history.tip(phase))
            read = [file for file in files if file.path not in GENERATED]
            added = sum(file.added or 0 for file in read)
            removed = sum(file.deleted or 0 for file in read)
            rows.append(
                f"| [{phase.number} · {phase.title}]({up}{_folder(phase)}/index.md) | `{phase.tag}`"
                f" | [{len(self.history.steps_of(phase))}]({up}{_folder(phase)}/changes.md)"
                f" | +{added} -{removed} |"
            )
        return "\n".join(rows)

    def _fate_table(self) -> str:
        pages = all_pages(self.project)
        counts = count_fates(pages)
        rows = ["| What becomes of it | Blocks |", "| --- | ---: |"]
        rows += [f"| {fate} | {count} |" for fate, count in counts.items()]
        rows += [f"| **all, on {len(pages)} pages** | **{sum(counts.values())}** |"]
        return "\n".join(rows)

    def _arrival_table(self) -> str:
        rows = ["| Chapter | " + " | ".join(Arrival) + " |", "| --- | ---: | ---: | ---: |"]
        for phase in self.phases:
            steps = self.history.steps_of(phase)
            found = Counter(arrivals(self.history, steps, read_page(phase.page)).values())
            counts = " | ".join(str(found[arrival]) for arrival in Arrival)
            rows.append(f"| {phase.number} · {phase.title} | {counts} |")
        return "\n".join(rows)


def _folder(phase: Phase) -> str:
    return f"evolution/{phase.folder.name}"


def _put_under_heading(header: str, markdown: str) -> str:
    found = HEADING.search(markdown)
    at = found.end() if found else 0
    return f"{markdown[:at]}\n\n{header}\n{markdown[at:]}"


def plain_fences(markdown: str) -> str:
    """Leave of each fence's options only the title: others make superfences give up the block."""
    lines, fence = [], ""
    for line in markdown.split("\n"):
        found = FENCE.match(line)
        if found and not fence:
            fence = found["fence"]
            line = found["start"] + "".join(TITLE.findall(found["rest"]))
        elif found and found["fence"].startswith(fence) and not found["language"] + found["rest"]:
            fence = ""
        lines.append(line)
    return "\n".join(lines)


def mark_continuations(html: str) -> str:
    """Mark the lines after a command that continue it; the highlighter takes them for output.

    The copy button leaves output out: a function would lose its body.
    """
    lines, in_command = [], False
    for line in html.split("\n"):
        continued = CONTINUATION.fullmatch(line) if in_command else None
        if continued:
            line = f"{PROMPT}&gt; </span>{continued[1]}"
        in_command = PROMPT in line
        lines.append(line)
    return "\n".join(lines)
