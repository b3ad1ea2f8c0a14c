"""What the code imports is declared: a package that comes along with another may leave with it."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DISTRIBUTIONS = packages_distributions()


def normal(name: str) -> str:
    return name.lower().replace("_", "-")


def names(requirements: Iterable[object]) -> set[str]:
    found = (re.match(r"[\w.-]+", one) for one in requirements if isinstance(one, str))
    return {normal(match[0]) for match in found if match}


SERVICE = names([PROJECT["project"]["name"], *PROJECT["project"]["dependencies"]])
DEVELOPMENT = SERVICE | names(
    one for group in PROJECT["dependency-groups"].values() for one in group
)


def imports(folder: Path) -> Iterator[tuple[str, bool]]:
    """Give each module that is imported, and whether its file can't be loaded without it."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from ((one.name, not node.col_offset) for one in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module, not node.col_offset


@pytest.mark.parametrize(
    ("folder", "declared"),
    [
        ("src/fastapi_single_process", SERVICE),
        ("alembic", SERVICE),
        ("scripts", DEVELOPMENT),
        ("tests", DEVELOPMENT),
    ],
)
def test_whatever_is_imported_is_declared(folder: str, declared: set[str]) -> None:
    undeclared = {
        module
        for module, needed in imports(ROOT / folder)
        if (givers := {normal(one) for one in DISTRIBUTIONS.get(module.partition(".")[0], ())})
        and not givers & (declared if needed else DEVELOPMENT)
    }

    assert undeclared == set()
