"""MkDocs calls this at its start; the pages that it then reads are those of `workbook.site`.

https://www.mkdocs.org/dev-guide/plugins/#events
"""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from workbook.errors import WorkbookError
from workbook.project import Project
from workbook.site.site import Site
from workbook.site.source import write_source

__all__ = ["on_config"]

SECTION = "Evolution"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write the complete pages, and list the chapters in the navigation."""
    try:
        project = Project.find(Path(config.config_file_path).parent)
        site = Site.of(project)
        config.docs_dir = str(write_source(project, site, project.make_state() / "pages"))
    except WorkbookError as error:
        raise PluginError(str(error)) from error
    config.nav = [
        {SECTION: site.navigation()} if isinstance(entry, dict) and SECTION in entry else entry
        for entry in config.nav or []
    ]
    return config
