"""`refresh` writes into listings what the steps hold."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.pages.blocks import read_page
from workbook.pages.expected_text import ListingError
from workbook.pages.fill import all_pages, refresh
from workbook.project import Project

COMMIT = '\n```console\n$ git commit -m "feat: x"\n```\n'


@pytest.fixture
def write(project: Project) -> Callable[[int, str], Path]:
    """Puts a text behind a chapter's heading."""

    def put(number: int, text: str) -> Path:
        page = next(project.evolution.glob(f"0{number}-*")) / "index.md"
        front = page.read_text(encoding="utf-8").partition("\n# ")[0]
        page.write_text(f"{front}\n# Title\n\n{text}", encoding="utf-8")
        return page

    return put


def texts(page: Path) -> list[str]:
    return [block.text for block in read_page(page) if block.title]


def test_empty_and_stale_blocks_are_filled_from_their_steps(
    project: Project, write: Callable[[int, str], Path]
) -> None:
    page = write(
        3,
        '```diff title="README.md"\n```\n'
        f"{COMMIT}\n"
        '```python title="src/app.py::greet"\n```\n\n'
        '??? example "A"\n\n    ```python title="src/app.py"\n    stale\n    ```\n\n'
        '```python title="src/app.py::greet"\n```\n'
        f'{COMMIT}\n```python title="src/app.py::greet"\n```\n',
    )

    assert refresh(project, [3]) == [page]

    old = 'def greet(name: str) -> str:\n    return f"hello, {name}"\n'
    new = 'def greet(name: str) -> str:\n    return f"HELLO, {name}"\n'
    edit = "@@ -1 +1 @@\n-# Phase 1\n+# Phase 3\n"
    assert texts(page) == [edit, old, new, new, new]


def test_what_is_up_to_date_is_left_alone(
    project: Project, write: Callable[[int, str], Path]
) -> None:
    write(1, '```python title="src/app.py"\n```\n')
    refresh(project, [1])

    assert refresh(project, [1]) == []


def test_other_chapters_are_left_alone(project: Project, write: Callable[[int, str], Path]) -> None:
    other = write(1, '```python title="src/app.py"\nstale\n```\n')

    assert refresh(project, [2]) == []
    assert texts(other) == ["stale\n"]


def test_other_pages_show_the_tree_as_it_is(project: Project) -> None:
    page = project.root / "docs" / "guide.md"
    page.write_text(
        '# A\n\n```text title="new.txt"\nnew\n```\n\n```python title="src/app.py"\n```\n'
    )

    assert page in all_pages(project)
    assert page in refresh(project)

    assert texts(page) == ["new\n", (project.root / "src/app.py").read_text()]


@pytest.mark.parametrize(
    ("number", "fence", "what", "remedy"),
    [
        (1, 'python title="src/no.py"', "has no file src/no.py", "Correct the title"),
        (1, 'text title="windows.txt"', "has no file", "Correct the title"),
        (1, 'python title="src/app.py::none"', "no none in src/app.py", "Name a function"),
        (3, 'diff title="run.sh"', "doesn't change run.sh", "README.md, windows.txt"),
        (1, 'diff title="src/app.py"', "is new in step 1", "whole file"),
        (2, 'text title="windows.txt"', "don't all end in a plain line feed", "with a command"),
        (2, 'text title="poem.txt"', "don't all end in a plain line feed", "with a command"),
    ],
)
def test_what_the_steps_do_not_have_is_told_and_nothing_is_written(
    project: Project,
    write: Callable[[int, str], Path],
    number: int,
    fence: str,
    what: str,
    remedy: str,
) -> None:
    page = write(number, f"Text.\n\n```{fence}\n```\n")
    before = page.read_text(encoding="utf-8")

    with pytest.raises(ListingError, match=what) as caught:
        refresh(project, [number])

    assert caught.value.place == f"{project.place(page)}:13"
    assert remedy in str(caught.value)
    assert page.read_text(encoding="utf-8") == before


def test_a_listing_behind_the_last_commit_is_refused(
    project: Project, write: Callable[[int, str], Path]
) -> None:
    write(1, f'{COMMIT}{COMMIT}\n```python title="src/app.py"\n```\n')

    with pytest.raises(ListingError, match="behind commit 2, and the phase has 2 steps"):
        refresh(project, [1])


def test_an_empty_file_is_no_listing(project: Project, write: Callable[[int, str], Path]) -> None:
    write(3, f'{COMMIT}\n```python title="src/empty.py"\n```\n')

    with pytest.raises(ListingError, match="empty") as caught:
        refresh(project, [3])
    assert "touch src/empty.py" in str(caught.value)
