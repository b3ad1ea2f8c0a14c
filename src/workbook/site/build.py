"""The built site, kept until its sources change."""

import hashlib
import logging
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock

from workbook.errors import WorkbookError
from workbook.project import Project

__all__ = ["KEY", "SiteError", "build_site", "hash_sources"]

KEY = "workbook.key"  # in the built site: the hash of what it was built from
SOURCES = ("mkdocs.yml", "docs", "src/workbook", "src/fastapi_single_process/config.py")


class SiteError(WorkbookError):
    """The site can't be built."""


def build_site(project: Project) -> Path:
    """Build the site into ``.workbook/site`` unless it is up to date, and give that folder.

    A reader of the old site never meets half of the new one. Raises SiteError.
    """
    state = project.make_state()
    site = state / "site"
    with FileLock(state / "site.lock"):
        key = hash_sources(project)
        if _read(site / KEY) == key:
            return site
        with tempfile.TemporaryDirectory(dir=state, prefix="site-") as folder:
            new, old = Path(folder, "new"), Path(folder, "old")
            _run_mkdocs(project, new)
            (new / KEY).write_text(key)
            if site.exists():
                site.rename(old)
            new.rename(site)
    return site


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _run_mkdocs(project: Project, into: Path) -> None:
    # Imported here: a start that finds the site up to date does without these 0.3 s.
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, BuildError, ConfigurationError

    logging.getLogger("mkdocs").setLevel(logging.WARNING)
    try:
        config = load_config(str(project.root / "mkdocs.yml"), site_dir=str(into))
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
    except (Abort, BuildError, ConfigurationError) as error:
        raise SiteError(
            f"the site can't be built: {error}",
            remedy="Run `uv run mkdocs build --strict` to see why.",
        ) from error


def hash_sources(project: Project) -> str:
    """Tell in one word what the site would be built from."""
    result = hashlib.sha256()
    for path in _list_files(project.root / source for source in SOURCES):
        result.update(f"{path.relative_to(project.root)}\0".encode())
        result.update(hashlib.sha256(path.read_bytes()).digest())
    return result.hexdigest()


def _list_files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            found = (path for path in source.rglob("*") if path.is_file())
            yield from sorted(path for path in found if "__pycache__" not in path.parts)
        elif source.exists():
            yield source
