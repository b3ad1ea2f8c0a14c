"""Examples run in the environment of their own project, by pytest-examples."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbook.pages.blocks import Kind, read_page
from workbook.replay.examples import example_command
from workbook.replay.sandbox import Sandbox
from workbook.replay.shell import Outcome, Shell

PROJECT = """\
[project]
name = "small"
version = "1"
requires-python = ">=3.13"
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    (sandbox.work / "pyproject.toml").write_text(PROJECT)
    (sandbox.work / "greeting.py").write_text('def greet() -> str:\n    return "hello"\n')
    yield sandbox
    sandbox.close()


@pytest.fixture
def shell(sandbox: Sandbox) -> Iterator[Shell]:
    shell = Shell(sandbox.folder / "shell", sandbox.work, sandbox.environment)
    assert shell.run("uv lock", limit=300).status == 0
    yield shell
    shell.close()


def run(sandbox: Sandbox, shell: Shell, page: Path, text: str, *, update: bool = False) -> Outcome:
    page.write_text(text, encoding="utf-8")
    (block,) = [block for block in read_page(page) if block.kind is Kind.EXAMPLE]
    folder = sandbox.folder / "examples"
    return shell.run(example_command(block, folder, sandbox.work, update=update), limit=300)


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
    sandbox: Sandbox, shell: Shell, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"

    assert run(sandbox, shell, page, EXAMPLE).status == 0

    wrong = run(sandbox, shell, page, EXAMPLE.replace("#> hello", "#> hallo"))
    assert wrong.status == 1
    assert "hallo" in wrong.output
    assert "hello" in wrong.output
    failing = run(sandbox, shell, page, EXAMPLE.replace("greet())", "greet(1))"))
    assert (failing.status, "TypeError" in failing.output) == (1, True)
    unlinted = run(sandbox, shell, page, EXAMPLE.replace("import sys", "import os, sys"))
    assert (unlinted.status, "ruff failed" in unlinted.output) == (1, True)


def test_an_update_writes_the_lines_and_nothing_else(
    sandbox: Sandbox, shell: Shell, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    wrong = EXAMPLE.replace("#> hello", "#> hallo").replace("#> True\n", "")

    assert run(sandbox, shell, page, wrong, update=True).status == 0

    assert page.read_text(encoding="utf-8") == EXAMPLE


def test_an_example_that_imports_another_service_is_refused(
    sandbox: Sandbox, shell: Shell, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "fastapi_single_process.py").touch()
    text = "```python\nimport fastapi_single_process\n\nprint(fastapi_single_process.__name__)\n"
    text += "#> fastapi_single_process\n```\n"
    shell.run(f"export PYTHONPATH={elsewhere}", limit=60)

    outcome = run(sandbox, shell, tmp_path / "page.md", text)

    assert outcome.status == 1
    assert f"imported {elsewhere}" in outcome.output
