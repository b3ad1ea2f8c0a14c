"""Examples run in the environment of their own project, by pytest-examples."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbook.pages.blocks import Kind, read_page
from workbook.replay.examples import example_command
from workbook.replay.room import Room
from workbook.replay.shell import Outcome, Shell

PROJECT = """\
[project]
name = "small"
version = "1"
requires-python = ">=3.13"
"""


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    (room.work / "pyproject.toml").write_text(PROJECT)
    (room.work / "greeting.py").write_text('def greet() -> str:\n    return "hello"\n')
    yield room
    room.close()


@pytest.fixture
def shell(room: Room) -> Iterator[Shell]:
    shell = Shell(room.folder / "shell", room.work, room.environment)
    assert shell.run("uv lock", limit=300).status == 0
    yield shell
    shell.close()


def run(room: Room, shell: Shell, page: Path, text: str, *, update: bool = False) -> Outcome:
    page.write_text(text, encoding="utf-8")
    (block,) = [block for block in read_page(page) if block.kind is Kind.EXAMPLE]
    folder = room.folder / "examples"
    return shell.run(example_command(block, folder, room.work, update=update), limit=300)


EXAMPLE = """\
```python title="other.py"
print("not an example")
```

```python
import sys

from greeting import greet

print(greet())
#> hello
print(sys.prefix.startswith("/"))
#> True
```
"""


def test_an_example_is_run_linted_and_its_lines_are_held(
    room: Room, shell: Shell, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"

    assert run(room, shell, page, EXAMPLE).status == 0

    wrong = run(room, shell, page, EXAMPLE.replace("#> hello", "#> hallo"))
    assert wrong.status == 1
    assert "hallo" in wrong.output
    assert "hello" in wrong.output
    failing = run(room, shell, page, EXAMPLE.replace("greet())", "greet(1))"))
    assert (failing.status, "TypeError" in failing.output) == (1, True)
    unlinted = run(room, shell, page, EXAMPLE.replace("import sys", "import os, sys"))
    assert (unlinted.status, "ruff failed" in unlinted.output) == (1, True)


def test_an_update_writes_the_lines_and_nothing_else(
    room: Room, shell: Shell, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    wrong = EXAMPLE.replace("#> hello", "#> hallo").replace("#> True\n", "")

    assert run(room, shell, page, wrong, update=True).status == 0

    assert page.read_text(encoding="utf-8") == EXAMPLE


def test_an_example_that_imports_another_service_is_refused(
    room: Room, shell: Shell, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "fastapi_single_process.py").touch()
    text = "```python\nimport fastapi_single_process\n\nprint(fastapi_single_process.__name__)\n"
    text += "#> fastapi_single_process\n```\n"
    shell.run(f"export PYTHONPATH={elsewhere}", limit=60)

    outcome = run(room, shell, tmp_path / "page.md", text)

    assert outcome.status == 1
    assert f"imported {elsewhere}" in outcome.output
