"""A clone's files end their lines as the repository does, whatever the user's git converts."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.build import build
from workbook.history.line_ends import LineEndError
from workbook.history.phases import load_phases
from workbook.history.save import save
from workbook.history.tags import bring_branch
from workbook.pages.fill import refresh
from workbook.project import Project
from workbook.replay.follow import Options
from workbook.replay.replay import replay

RULE = Path(__file__).parents[3] / ".gitattributes"
PAGE = """\
# Guide

```python title="src/app.py"
```

```console
$ grep -c "$(printf '\\r')" src/app.py || true
0
```
"""
CONVERTING = [("core.autocrlf=true",), ("core.eol=crlf", "core.autocrlf=false")]


@pytest.fixture
def origin(project: Project, commit_step: Callable[..., str]) -> Project:
    """The small project with a guide, before it has the repository's rule."""
    (project.docs / "guide.md").write_text(PAGE)
    refresh(project)
    commit_step(project.root, None, "docs: add a guide")
    return project


@pytest.fixture
def clone(origin: Project, tmp_path: Path, git: Callable[..., str]) -> Callable[..., Project]:
    """Clones the project with settings of a user's, and makes the branch of all steps."""

    def make(*settings: str) -> Project:
        options = [part for setting in settings for part in ("-c", setting)]
        git(tmp_path, "clone", "--quiet", *options, str(origin.root), "clone")
        made = Project(tmp_path / "clone")
        bring_branch(made, build(made, load_phases(made)), "evolution")
        return made

    return make


def give_rule(origin: Project, commit_step: Callable[..., str]) -> None:
    """Commit the repository's rule; one file of the steps has other line ends on purpose."""
    rule = RULE.read_bytes() + b"windows.txt -text\n"
    commit_step(origin.root, None, "build: rule line ends", files={".gitattributes": rule})


@pytest.mark.parametrize("settings", CONVERTING)
def test_a_clone_that_converts_line_ends_is_refreshed_saved_and_followed_without_a_change(
    origin: Project,
    clone: Callable[..., Project],
    commit_step: Callable[..., str],
    git: Callable[..., str],
    settings: tuple[str, ...],
) -> None:
    give_rule(origin, commit_step)
    mine = clone(*settings)
    said: list[str] = []

    (followed,) = replay(mine, [mine.docs / "guide.md"], Options(fresh=True), said.append)

    assert (followed.good, said) == (True, ["docs/guide.md: 2 blocks hold"])
    assert refresh(mine) == []
    assert save(mine, "evolution").written == ()
    assert git(mine.root, "status", "--porcelain") == ""


def test_a_save_writes_no_file_that_git_stores_the_same(
    clone: Callable[..., Project], git: Callable[..., str]
) -> None:
    old = clone("core.autocrlf=true")
    assert b"\r\n" in (old.root / "src/app.py").read_bytes()

    assert save(old, "evolution").written == ()

    assert git(old.root, "status", "--porcelain") == ""


def test_a_clone_from_before_the_rule_is_told_how_to_follow_it(
    origin: Project, clone: Callable[..., Project], commit_step: Callable[..., str]
) -> None:
    old = clone("core.autocrlf=true")
    give_rule(origin, commit_step)
    subprocess.run(["git", "pull", "--quiet"], cwd=old.root, check=True)
    page = old.docs / "guide.md"

    with pytest.raises(LineEndError, match="the clone's line ends") as caught:
        refresh(old)
    assert not all(result.good for result in replay(old, [page], Options(fresh=True), print))

    assert caught.value.remedy
    command = caught.value.remedy.splitlines()[-1].strip()
    assert command.startswith("git ")
    subprocess.run(command, cwd=old.root, shell=True, check=True)
    assert refresh(old) == []
    assert all(result.good for result in replay(old, [page], Options(fresh=True), print))
