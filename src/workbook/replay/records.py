"""The last green replay of each page on this machine: a page whose inputs are its isn't followed.

A record is a small file below `.workbook/replays`. It is written beside its place and renamed; what
can't be read as one counts as none.
"""

from __future__ import annotations

import datetime
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from workbook.project import Project
from workbook.replay.inputs import fingerprint
from workbook.replay.reader import Reader

__all__ = ["Attempt", "Record", "read_record", "write_record"]


@dataclass(frozen=True, slots=True)
class Record:
    """A green replay: of which inputs, when (UTC), how long, and what of the page wasn't run."""

    page: str
    slow: bool
    inputs: str
    time: str
    seconds: float
    not_run: tuple[str, ...]

    def __str__(self) -> str:
        """As it is reported instead of a replay."""
        when = datetime.datetime.fromisoformat(self.time).astimezone()
        said = f"{self.page}: unchanged since its green replay of {when:%Y-%m-%d %H:%M}"
        missing = f", {len(self.not_run)} not run" if self.not_run else ""
        return f"{said} ({self.seconds:.0f} s){missing}"

    def reason(self, place: str) -> str:
        """Why the block at this place isn't run now: it wasn't then, or nothing has changed."""
        return next((line for line in self.not_run if line.startswith(f"{place}: ")), str(self))


class Attempt:
    """A replay of a page that may turn out not to be needed, or to be worth a record."""

    def __init__(self, project: Project, page: Path, *, slow: bool = False) -> None:
        """Take the page's inputs as they are now, before anything reads them."""
        self._project = project
        self._page = page
        self._slow = slow
        self._inputs = fingerprint(project, page, slow=slow)
        self._begin = time.monotonic()

    def earlier(self, *, fresh: bool) -> Record | None:
        """The green replay of these very inputs, if there is one and it is to count.

        With `fresh`, and wherever CI is set, none counts: it is forgotten, so that a replay that
        fails now can't be hidden by it.
        """
        record = read_record(self._project, self._page, slow=self._slow)
        if record is None or record.inputs != self._inputs:
            return None
        if fresh or os.environ.get("CI"):
            _file(self._project, self._page, self._slow).unlink(missing_ok=True)
            return None
        return record

    def keep(self, reader: Reader) -> None:
        """Record that the reader came to its green end, unless its inputs changed meanwhile."""
        if fingerprint(self._project, self._page, slow=self._slow) != self._inputs:
            return
        record = Record(
            page=self._project.place(self._page),
            slow=self._slow,
            inputs=self._inputs,
            time=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._begin, 1),
            not_run=tuple(reader.not_run),
        )
        write_record(self._project, record)


def read_record(project: Project, page: Path, *, slow: bool = False) -> Record | None:
    """The page's last record, whatever its inputs; None if there is none or it is broken."""
    try:
        found = json.loads(_file(project, page, slow).read_text(encoding="utf-8"))
        record = Record(**{**found, "not_run": tuple(found["not_run"])})
        datetime.datetime.fromisoformat(record.time)
        texts = (record.page, record.inputs, *record.not_run)
        whole = all(isinstance(text, str) for text in texts) and record.seconds >= 0
    except (OSError, ValueError, TypeError, KeyError):
        return None
    mine = (record.page, record.slow) == (project.place(page), slow)
    return record if whole and mine else None


def write_record(project: Project, record: Record) -> None:
    """Put the record in the place of the page's last one."""
    file = _file(project, project.root / record.page, record.slow)
    project.make_state()
    file.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=file.parent, encoding="utf-8", delete=False
    ) as beside:
        json.dump(asdict(record), beside, indent=1)
    Path(beside.name).replace(file)


def _file(project: Project, page: Path, slow: bool) -> Path:
    name = project.place(page).replace("/", "-")
    return project.state / "replays" / f"{name}{'.slow' if slow else ''}.json"
