from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.build import History, build
from workbook.history.main_copy import is_owned_by_main, main_copy_differences
from workbook.history.phases import load_phases
from workbook.project import Project


@pytest.fixture
def history(project: Project) -> History:
    return build(project, load_phases(project))


def test_a_saved_project_has_no_differences(project: Project, history: History) -> None:
    assert main_copy_differences(project, history) == []


def test_every_kind_of_difference_is_named(project: Project, history: History) -> None:
    root = project.root
    (root / "src/app.py").write_bytes(b"changed\n")
    (root / "windows.txt").unlink()
    (root / "run.sh").chmod(0o644)
    (root / "src/more.py").touch()
    (root / "poem.txt").unlink()
    (root / "poem.txt").symlink_to("windows.txt")

    assert main_copy_differences(project, history) == [
        "poem.txt: its content isn't the last phase's",
        "run.sh: its mode isn't 100755",
        "src/app.py: its content isn't the last phase's",
        "src/more.py: the last phase doesn't have it",
        "windows.txt: missing",
    ]


def test_ignored_files_and_mains_own_are_no_differences(project: Project, history: History) -> None:
    (project.root / ".venv").mkdir()
    (project.root / ".venv" / "x").touch()
    for name in ("README.md", "docs/index.md", "tests/workbook/test_x.py", ".ci/run"):
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).touch()

    assert main_copy_differences(project, history) == []


def test_converted_line_ends_of_a_clone_are_no_difference(
    project: Project, tmp_path: Path, git: Callable[..., str]
) -> None:
    git(tmp_path, "clone", "--quiet", "-c", "core.autocrlf=true", str(project.root), "clone")
    clone = Project(tmp_path / "clone")
    assert b"\r\n" in (clone.root / "src/app.py").read_bytes()

    assert main_copy_differences(clone, build(clone, load_phases(clone))) == []


def test_a_folder_without_git_is_compared_byte_for_byte(
    project: Project, history: History, tmp_path: Path
) -> None:
    (project.root / ".git").rename(tmp_path / "gone")
    assert main_copy_differences(project, history) == []

    (project.root / "windows.txt").write_bytes(b"one\nTWO\nthree\n")

    assert main_copy_differences(project, history) == [
        "windows.txt: its content isn't the last phase's"
    ]


@pytest.mark.parametrize(
    ("path", "owned"),
    [
        ("README.md", True),
        ("docs/evolution/01-start/index.md", True),
        ("src/workbook/cli.py", True),
        ("tests/docs/test_docs.py", True),
        ("src/workbook_extra.py", False),
        ("tests/test_api.py", False),
        ("docs.txt", False),
    ],
)
def test_ownership_goes_by_whole_names(path: str, owned: bool) -> None:
    assert is_owned_by_main(path) is owned
