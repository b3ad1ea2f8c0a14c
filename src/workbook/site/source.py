"""The site's source: complete Markdown in a folder, for whatever generator makes HTML of it."""

from collections.abc import Iterator
from pathlib import Path

from workbook.atomic import Content, write_all
from workbook.project import Project
from workbook.site.site import Site

__all__ = ["write_source"]

LEFT_OUT = {".md", ".patch", ".toml"}


def write_source(project: Project, site: Site, folder: Path) -> Path:
    """Write all pages and what they show into `folder`, and take from it what is no more.

    Only what differs is written, so that a generator that watches the folder sees what changed.
    Raises WorkbookError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted: dict[Path, Content | None] = {
        path: None for path in folder.rglob("*") if path.is_file()
    }
    wanted |= {folder / path: Content(markdown.encode()) for path, markdown in site.pages()}
    for path in _assets(project):
        wanted[folder / path.relative_to(project.docs)] = Content(path.read_bytes())
    write_all(wanted, project.make_state())
    return folder


def _assets(project: Project) -> Iterator[Path]:
    for path in project.docs.rglob("*"):
        if path.is_file() and path.suffix not in LEFT_OUT and not path.name.startswith("."):
            yield path
