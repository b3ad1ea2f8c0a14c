"""What turns the small project of `conftest.py` into one that can be built and served."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.project import Project

ROOT = Path(__file__).parents[2]
NAVIGATION = """\
nav:
  - Home: index.md
  - Evolution: []
  - Settings: reference/settings.md
"""
CHAPTER = """
# The middle

The problem.

```console exit=1 needs=docker
$ docker info
...
```

```python title="src/app.py::greet"
def greet() -> None: ...
```

??? example "A dull file"

    ```toml title="pyproject.toml"
    [project]
    ```
"""


@pytest.fixture(scope="session")
def add_site() -> Callable[[Project], None]:
    """Gives a project this repository's site configuration, and pages of its own."""

    def add(project: Project) -> None:
        ours = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
        (project.root / "mkdocs.yml").write_text(ours.partition("nav:\n")[0] + NAVIGATION)
        (project.docs / "reference").mkdir()
        shutil.copytree(ROOT / "docs" / "assets", project.docs / "assets")
        (project.docs / "index.md").write_text("# Home\n\n<!-- phases -->\n")
        settings = project.docs / "reference" / "settings.md"
        settings.write_text("# Settings\n\n<!-- settings -->\n")
        page = project.evolution / "02-middle" / "index.md"
        front, _, _ = page.read_text(encoding="utf-8").partition("\n# ")
        page.write_text(front + CHAPTER, encoding="utf-8")
        (project.root / "src").mkdir(exist_ok=True)
        (project.root / "src" / "workbook").symlink_to(ROOT / "src" / "workbook")

    return add


@pytest.fixture(scope="session")
def add_service() -> Callable[[Project], None]:
    """Gives a project a copy of the service, to run and to change."""

    def add(project: Project) -> None:
        name = "fastapi_single_process"
        shutil.copytree(ROOT / "src" / name, project.root / "src" / name)
        shutil.copytree(ROOT / "alembic", project.root / "alembic")
        shutil.copy(ROOT / "pyproject.toml", project.root)

    return add
