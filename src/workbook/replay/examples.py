"""Python examples, run by pytest-examples in the environment of the phase they speak of."""

from __future__ import annotations

from pathlib import Path
from shlex import join, quote

from workbook.pages.blocks import Block
from workbook.replay.packages import link_packages

__all__ = ["example_command"]

# The phase's own packages come first: pytest-examples, and what it needs, only where it lacks them.
_RUN = """\
import sys

sys.path[0] = ""  # as `python -m pytest` has it
sys.path.append({packages!r})

import pytest

sys.exit(pytest.main(sys.argv[1:]))
"""
# Outside the tree, so that neither the tree nor its pytest settings know of it.
_TEST = """\
import sys
from pathlib import Path

from pytest_examples import EvalExample, find_examples

PAGE = Path({page!r})
LINE = {line}
TREE = Path({tree!r})


def test_example(eval_example: EvalExample) -> None:
    # A list: a generator that is left early loses the examples after.
    found = [example for example in list(find_examples(PAGE)) if example.start_line == LINE]
    assert len(found) == 1, f"pytest-examples sees no example at {{PAGE}}:{{LINE}}"
    eval_example.set_config(
        line_length=100,
        target_version="py313",
        ruff_line_length=100,
        ruff_select=["E", "F", "I", "N", "UP", "W"],
        ruff_ignore=["D", "INP", "S101"],
    )
    eval_example.lint_ruff(found[0])
    if eval_example.update_examples:
        eval_example.run_print_update(found[0])
    else:
        eval_example.run_print_check(found[0])
    service = sys.modules.get("fastapi_single_process")
    if service is not None:
        assert Path(service.__file__).is_relative_to(TREE), f"imported {{service.__file__}}"
"""


def example_command(block: Block, folder: Path, tree: Path, *, update: bool) -> str:
    """The command that runs an example against the project in `tree`.

    It writes the test into `folder`. With `update`, pytest-examples writes the `#>` lines anew
    into the page itself.
    """
    folder.mkdir(exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    test = folder / f"test_line_{block.line}.py"
    page = str(block.page.resolve())
    text = _TEST.format(page=page, line=block.line, tree=str(tree.resolve()))
    test.write_text(text, encoding="utf-8")
    packages, run = folder / "packages", folder / "run.py"
    if not run.exists():
        link_packages(["pytest-examples"], packages)
        run.write_text(_RUN.format(packages=str(packages)), encoding="utf-8")
    command = ["uv", "run", "--quiet", "--frozen", "python", str(run), "-q"]
    command += ["-p", "no:cacheprovider", "-p", "pytest_examples"]
    command += ["--tb=short", *(["--update-examples"] if update else [])]
    return (
        f"(cd {quote(str(tree))} && PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 {join([*command, str(test)])})"
    )
