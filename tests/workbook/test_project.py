import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.project import Project

NOBODY = 65534
AS_NOBODY = """
import os, sys
from workbook.errors import WorkbookError
from workbook.project import Project
os.setgroups([])
os.setuid(65534)
try:
    Project.find().make_state()
except WorkbookError as error:
    sys.exit(str(error))
"""
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def run(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("workbook"), *arguments],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )


def give_away(*roots: Path) -> None:
    for root in roots:
        for path in (root, *root.rglob("*")):
            os.lchown(path, NOBODY, NOBODY)


def snapshot(project: Project) -> dict[Path, tuple[int, int]]:
    return {path: (path.lstat().st_uid, path.lstat().st_mode) for path in project.root.rglob("*")}


@AS_ROOT
@pytest.mark.parametrize("command", ["tags", "dev fill", "replay docs/evolution", "up --port=0"])
@pytest.mark.parametrize("built", [False, True])
def test_root_makes_nothing_in_the_clone_of_another_user(
    project: Project,
    git: Callable[..., str],
    command: str,
    built: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    if built:
        assert run(project, "tags").returncode == 0
    give_away(project.root)
    before = snapshot(project)

    done = run(project, *command.split())

    assert done.returncode == 1
    assert done.stderr.startswith(f"workbook: {project.root}: ")
    assert "belongs to nobody" in done.stderr
    assert "sudo -u nobody" in done.stderr
    assert snapshot(project) == before


@AS_ROOT
def test_what_root_left_behind_is_advised_away() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder, "it's here"))
        (project.root / "docs/evolution").mkdir(parents=True)
        (project.root / "mkdocs.yml").touch()
        project.state.mkdir()
        Path(folder).chmod(0o755)
        os.chown(project.root, NOBODY, NOBODY)
        command = [sys.executable, "-c", AS_NOBODY]

        def said() -> str:
            return subprocess.run(
                command, cwd=project.root, capture_output=True, text=True, check=False
            ).stderr

        advised = said().partition("`sudo ")[2].partition("`")[0]
        assert advised.startswith("rm -r ")
        subprocess.run(shlex.split(advised), check=True)
        assert said() == ""
