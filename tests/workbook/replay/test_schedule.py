"""The pages that take longest are started first."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbook.project import Project
from workbook.replay.records import Record, write_record
from workbook.replay.schedule import longest_first

ROOT = Path(__file__).parents[3]


@pytest.fixture
def pages(project: Project) -> list[Path]:
    """Three pages of one, two and three blocks; the first took a minute when it was followed."""
    found = []
    for count, name in enumerate(["slow", "short", "long"], start=1):
        page = project.docs / f"{name}.md"
        page.write_text(f"# {name}\n" + "\n```console\n$ true\n```\n" * count)
        found.append(page)
    write_record(
        project, Record("docs/slow.md", False, "other", "2026-11-25T04:10:00+00:00", 60, ())
    )
    return found


def test_what_is_known_of_a_page_counts_and_else_its_blocks(
    project: Project, pages: list[Path]
) -> None:
    slow, short, long = pages

    assert longest_first(project, [short, long, slow]) == [slow, long, short]


def test_a_replay_of_slow_blocks_has_times_of_its_own(project: Project, pages: list[Path]) -> None:
    slow, short, long = pages

    assert longest_first(project, [slow, short, long], slow=True) == [long, short, slow]


def test_a_page_that_cannot_be_read_comes_last(project: Project, pages: list[Path]) -> None:
    slow, short, long = pages
    long.write_text("```console\n")

    assert longest_first(project, [long, short, slow]) == [slow, short, long]


def test_the_processes_of_pytest_get_the_longest_page_first_and_whole(
    project: Project, pages: list[Path]
) -> None:
    tests = project.root / "tests" / "docs"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "conftest.py", project.root)
    shutil.copy(ROOT / "tests" / "docs" / "test_docs.py", tests)
    (project.root / "pytest.ini").write_text("[pytest]\n")

    command = [sys.executable, "-m", "pytest", "-n1", "-v", "-k", "docs and not evolution"]
    done = subprocess.run(
        [*command, "tests/docs"], cwd=project.root, capture_output=True, text=True, check=False
    )

    ran = [line.partition("::")[2] for line in done.stdout.splitlines() if " PASSED " in line]
    names = [name.partition(" ")[0] for name in ran]
    expected = ["slow.md:3", "slow.md", "long.md:3", "long.md:7", "long.md:11", "long.md"]
    expected += ["short.md:3", "short.md:7", "short.md"]
    assert names[:9] == [f"test_a_page_comes_true[docs/{name}" for name in expected]
