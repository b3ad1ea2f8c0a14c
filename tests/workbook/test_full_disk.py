import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workbook import service
from workbook.atomic import write_text
from workbook.cli import main
from workbook.project import Project


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file hold anything, as on a disk without space."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_text_is_replaced_and_its_mode_stays(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(0o755)

    write_text(file, "né\n")

    assert file.read_bytes() == b"n\xc3\xa9\n"
    assert file.stat().st_mode & 0o777 == 0o755


def test_a_full_disk_leaves_the_old_text_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "file"
    file.parent.mkdir()
    file.write_text("old")

    with full_disk(), pytest.raises(OSError, match="too large"):
        write_text(file, "new")

    assert [each.name for each in file.parent.iterdir()] == ["file"]
    assert file.read_text() == "old"


def test_a_full_disk_leaves_no_empty_file_of_what_is_to_be_ignored(project: Project) -> None:
    with full_disk():
        done = subprocess.run(
            [Path(sys.executable).with_name("workbook"), "tags"], capture_output=True, check=False
        )

    assert done.returncode == 1
    assert b"the workbook can't write its own folder: File too large" in done.stderr
    assert not (project.state / ".gitignore").exists()


@pytest.fixture(autouse=True)
def _inside(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)


@pytest.mark.parametrize("built", [False, True])
def test_an_empty_ignore_file_is_written_anew(project: Project, built: bool) -> None:
    if built:
        main(["tags"])
    project.state.mkdir(exist_ok=True)
    (project.state / ".gitignore").write_text("")

    main(["tags"])

    assert (project.state / ".gitignore").read_text() == "*\n"


def test_what_was_kept_of_the_service_is_held_to_its_content(project: Project) -> None:
    state = project.make_state()
    whole = service.describe_settings(state)
    (kept,) = state.glob("settings-*.md")
    for broken in (b"", kept.read_bytes()[:-30], b"\xff"):
        kept.write_bytes(broken)

        assert service.describe_settings(state) == whole
