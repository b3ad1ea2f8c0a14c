"""The map of the repository shows what is there, and nothing else."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/architecture.md").read_text()
ROW = re.compile(r"^\| `(src/[^`]+)/` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def shown() -> dict[str, list[str]]:
    return {folder: re.findall(r"`(\w+)`", modules) for folder, modules in ROW.findall(PAGE)}


def in_the_tree() -> dict[str, list[str]]:
    packages = sorted(file.parent for file in ROOT.glob("src/**/__init__.py"))
    return {
        package.relative_to(ROOT).as_posix(): sorted(
            file.stem for file in package.glob("*.py") if file.stem != "__init__"
        )
        for package in packages
    }


def test_the_map_has_every_package_and_every_module() -> None:
    assert shown() == in_the_tree()


def test_the_map_says_every_rule_about_imports() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    rules = [contract["name"] for contract in tools["importlinter"]["contracts"]]

    assert re.findall(r"^- \*\*(.+?[^?])\.\*\*", PAGE, re.MULTILINE) == rules


def test_the_map_names_no_file_that_is_not_there() -> None:
    ways = PAGE.replace("docs/evolution/NN-slug/index.md", "")
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w-]+\.\w+)`", ways))
    places = [ROOT, *(ROOT / folder for folder in ("src/fastapi_single_process", "src/workbook"))]

    assert named
    assert [name for name in named if not any((place / name).is_file() for place in places)] == []
