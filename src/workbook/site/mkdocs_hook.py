"""MkDocs calls these functions at its events; what they do is in `workbook.site`."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from workbook.errors import WorkbookError
from workbook.project import Project
from workbook.site.site import Site

__all__ = ["on_config", "on_files", "on_page_content", "on_page_markdown"]

SECTION = "Evolution"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Read the phases; list the chapters in the navigation."""
    try:
        site = Site.of(Project.find(Path(config.config_file_path).parent))
    except WorkbookError as error:
        raise PluginError(str(error)) from error
    config.extra["workbook"] = site
    config.nav = [
        {SECTION: site.navigation()} if isinstance(entry, dict) and SECTION in entry else entry
        for entry in config.nav or []
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of changes."""
    for path, markdown in _site(config).changes():
        files.append(File.generated(config, path, content=markdown))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Add headers and tables."""
    return _site(config).complete_markdown(page.file.src_uri, markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Add the diffs."""
    return _site(config).complete_html(page.file.src_uri, html)


def _site(config: MkDocsConfig) -> Site:
    site = config.extra["workbook"]
    assert isinstance(site, Site)  # noqa: S101 - on_config put it there
    return site
