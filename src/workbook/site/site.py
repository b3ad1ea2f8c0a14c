"""The pages as complete Markdown: with heads, ends, tables, transcripts and changes in them.

Chapters are complete without any of it. Whatever makes HTML of Markdown can take it from here.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbook import service
from workbook.history.build import History, build
from workbook.history.phases import Phase, load_phases
from workbook.pages.arrivals import Arrival, arrivals
from workbook.pages.blocks import read_page
from workbook.pages.fates import count_fates
from workbook.pages.fill import all_pages
from workbook.project import Project
from workbook.site.changes import GENERATED, render_changes
from workbook.site.chapters import Chapter
from workbook.site.composition import compose

__all__ = ["Site"]


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

    def navigation(self) -> list[dict[str, str]]:
        """List the chapters in MkDocs' form; what they change is linked from each."""
        return [
            {f"{phase.number} · {phase.title}": f"{_folder(phase)}/index.md"}
            for phase in self.phases
        ]

    def pages(self) -> Iterator[tuple[str, str]]:
        """Give the path below ``docs/`` and the complete Markdown of every page."""
        for page in sorted(self.project.docs.rglob("*.md")):
            path = page.relative_to(self.project.docs).as_posix()
            yield path, self._complete(path, page)
        for phase, start in zip(self.phases, (None, *self.phases), strict=False):
            yield f"{_folder(phase)}/changes.md", render_changes(phase, start, self.history)

    def _complete(self, path: str, page: Path) -> str:
        text, blocks = page.read_text(encoding="utf-8"), read_page(page)
        phase = next((phase for phase in self.phases if phase.page == page), None)
        if phase:
            chapter = Chapter(phase, self.phases, self.history, blocks)
            return chapter.frame(compose(text, blocks, chapter.notes(), chapter.after))
        return self._fill(path, compose(text, blocks, {}, lambda block: ()))

    def _fill(self, path: str, markdown: str) -> str:
        """Put the generated tables in place of their marks."""
        state = self.project.make_state()
        tables: dict[str, Callable[[], str]] = {
            "phases": lambda: self._phase_table(path),
            "fates": self._fate_table,
            "arrivals": self._arrival_table,
            "settings": lambda: service.describe_settings(state),
            "problems": lambda: service.describe_problems(state),
        }
        for name, table in tables.items():
            if f"<!-- {name} -->" in markdown:
                markdown = markdown.replace(f"<!-- {name} -->", table())
        return markdown

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
