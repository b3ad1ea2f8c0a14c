from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.build import History, build
from workbook.history.main_copy import main_copy_differences
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
    (root / "poem.txt").unlink()
    (root / "poem.txt").symlink_to("windows.txt")

    assert main_copy_differences(project, history) == [
        "poem.txt: its content isn't the last phase's",
        "run.sh: its mode isn't 100755",
        "src/app.py: its content isn't the last phase's",
        "windows.txt: missing",
    ]


@pytest.mark.parametrize("tracked", [False, True])
@pytest.mark.parametrize(
    "name", [".DS_Store", ".idea/workspace.xml", "notes.txt", "src/more.py", "README.md"]
)
def test_what_no_phase_has_and_the_readme_are_mains_own(
    project: Project, history: History, git: Callable[..., str], name: str, tracked: bool
) -> None:
    (project.root / name).parent.mkdir(parents=True, exist_ok=True)
    (project.root / name).write_text("here\n")
    if tracked:
        git(project.root, "add", name)

    assert main_copy_differences(project, history) == []


def test_what_an_earlier_phase_had_is_left_over_if_git_tracks_it(
    project: Project, history: History, git: Callable[..., str]
) -> None:
    (project.root / "logo.bin").touch()
    assert main_copy_differences(project, history) == []

    git(project.root, "add", "logo.bin")

    assert main_copy_differences(project, history) == [
        "logo.bin: the last phase doesn't have it any more"
    ]


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
