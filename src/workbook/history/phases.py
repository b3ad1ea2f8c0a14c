"""The front matter of the chapters, as frozen records; every rule about it is checked here."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from workbook.errors import WorkbookError
from workbook.project import Project

__all__ = ["UNSAVED", "Phase", "PhaseError", "load_phases", "pin_line"]

UNSAVED = "0" * 40
"""The pin of a chapter whose steps have never been saved."""

_KEYS = ("phase", "title", "tag", "commit", "date")
_SLUG = re.compile(r"(?P<number>\d{2})-[a-z0-9]+(-[a-z0-9]+)*")
_PIN = re.compile(r"[0-9a-f]{40}")


class PhaseError(WorkbookError):
    """A chapter's folder or front matter breaks a rule."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stage of the service; its tag marks its end."""

    number: int
    title: str
    slug: str
    tag: str
    commit: str
    date: datetime.date
    folder: Path

    @property
    def page(self) -> Path:
        """The chapter."""
        return self.folder / "index.md"

    @property
    def patches(self) -> tuple[Path, ...]:
        """The files of its steps, in order, as they are on the disk now."""
        return tuple(sorted(self.folder.glob("[!.]*.patch")))

    @property
    def is_saved(self) -> bool:
        """Whether its pin names a commit; a new chapter's doesn't until its first save."""
        return self.commit != UNSAVED


def load_phases(project: Project) -> tuple[Phase, ...]:
    """Every phase, in order. Raises `PhaseError` with the page, the line and the remedy."""
    folders = sorted(
        entry
        for entry in project.evolution.iterdir()
        if entry.is_dir() and not entry.name.startswith((".", "_"))
    )
    phases = tuple(_load(project, folder) for folder in folders)
    for expected, phase in enumerate(phases, start=1):
        if phase.number != expected:
            raise _out_of_order(project, phase, expected)
    return phases


def pin_line(phase: Phase) -> int:
    """The line of `commit:` in the chapter's front matter."""
    for number, line in enumerate(phase.page.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("commit:"):
            return number
    return 1


def _out_of_order(project: Project, phase: Phase, expected: int) -> PhaseError:
    what = (
        f"two chapters are number {phase.number}"
        if phase.number < expected
        else f"there is a chapter {phase.number}, and no chapter {expected}"
    )
    return PhaseError(
        what,
        place=project.place(phase.folder),
        remedy="Number the folders 01, 02, 03, … with neither a gap nor a repetition.",
    )


def _load(project: Project, folder: Path) -> Phase:
    named = _SLUG.fullmatch(folder.name)
    if named is None:
        raise PhaseError(
            f"{folder.name!r} is no name for a chapter's folder",
            place=project.place(folder),
            remedy="Name it NN-slug, such as 05-database-layer: two digits, then lower-case words.",
        )
    page = folder / "index.md"
    if not page.is_file():
        raise PhaseError(
            "the chapter has no page",
            place=project.place(page),
            remedy="Write index.md with the front matter " + ", ".join(_KEYS) + ".",
        )
    fields = _FrontMatter(project, page)
    phase = Phase(
        number=fields.number(int(named["number"])),
        title=fields.text("title"),
        slug=folder.name,
        tag=fields.text("tag"),
        commit=fields.pin(),
        date=fields.date(),
        folder=folder,
    )
    if phase.tag != f"phase-{folder.name}":
        raise fields.wrong("tag", f"the folder {folder.name} goes with the tag phase-{folder.name}")
    return phase


class _FrontMatter:
    """A page's front matter: string values, each with the line that it stands in."""

    def __init__(self, project: Project, page: Path) -> None:
        self._project = project
        self._page = page
        self._fields = self._read()

    def text(self, key: str) -> str:
        value = self._fields[key][0].strip()
        if not value:
            raise self.wrong(key, f"`{key}` is empty", f"Give the chapter its {key}.")
        return value

    def number(self, expected: int) -> int:
        value = self.text("phase")
        if not value.isdecimal() or int(value) != expected:
            raise self.wrong("phase", f"the folder is number {expected}, `phase` says {value}")
        return expected

    def pin(self) -> str:
        value = self.text("commit")
        if _PIN.fullmatch(value) is None:
            raise self.wrong(
                "commit",
                f"the pin {value!r} is no commit: 40 lower-case hexadecimal digits",
                "Write 40 zeros; `workbook dev export BRANCH` puts in the real one.",
            )
        return value

    def date(self) -> datetime.date:
        value = self.text("date")
        try:
            return datetime.date.fromisoformat(value)
        except ValueError as error:
            raise self.wrong("date", f"{value!r} is no date", "Write it as 2026-11-20.") from error

    def wrong(self, key: str, what: str, remedy: str | None = None) -> PhaseError:
        return self._error(
            what, self._fields[key][1], remedy or f"Correct `{key}`, or rename the folder."
        )

    def _error(self, what: str, line: int, remedy: str) -> PhaseError:
        return PhaseError(what, place=self._project.place(self._page, line), remedy=remedy)

    def _read(self) -> Mapping[str, tuple[str, int]]:
        node = self._mapping()
        found: dict[str, tuple[str, int]] = {}
        for key, value in node.value:
            line = key.start_mark.line + 2
            name = str(key.value)
            if name not in _KEYS:
                remedy = f"A chapter's front matter has these keys: {', '.join(_KEYS)}."
                raise self._error(f"unknown key `{name}` in the front matter", line, remedy)
            if name in found:
                raise self._error(f"`{name}` stands here twice", line, "Keep one of the two.")
            if not isinstance(value, yaml.ScalarNode):
                raise self._error(f"`{name}` is no single value", line, "Write `key: value`.")
            found[name] = (value.value, line)
        for name in _KEYS:
            if name not in found:
                remedy = f"Add a line `{name}: …` to the front matter."
                raise self._error(f"the front matter has no `{name}`", 1, remedy)
        return found

    def _mapping(self) -> yaml.MappingNode:
        lines = self._page.read_text(encoding="utf-8").splitlines()
        if not lines or lines[0] != "---" or "---" not in lines[1:]:
            remedy = "Start the page with `---`, the keys " + ", ".join(_KEYS) + ", and `---`."
            raise self._error("the page has no front matter", 1, remedy)
        text = "\n".join(lines[1 : lines.index("---", 1)])
        try:
            # BaseLoader keeps every value a string: 40 zeros must not become the number 0.
            node = yaml.compose(text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            opened = error.context_mark if isinstance(error, yaml.scanner.ScannerError) else None
            mark = opened or error.problem_mark
            line = mark.line + 2 if mark else 1
            raise self._error(f"no YAML: {error.problem}", line, "Correct this line.") from error
        if not isinstance(node, yaml.MappingNode):
            raise self._error("the front matter holds no keys", 1, "Write lines `key: value`.")
        return node
