"""The way of a maintainer: change phase 2, and phases 3 to the last stay true."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.cli import main
from workbook.history.build import build
from workbook.history.main_copy import main_copy_differences
from workbook.history.phases import load_phases
from workbook.project import Project


def test_a_change_of_phase_2_is_carried_to_the_last(
    project: Project,
    tmp_path: Path,
    git: Callable[..., str],
    commit_step: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(project.root)
    old = [phase.commit for phase in load_phases(project)]
    assert main(["tags", "--branch", "edit"]) == 0
    tree = tmp_path / "edit"
    git(project.root, "worktree", "add", "--quiet", str(tree), "edit")

    # What `git rebase -i phase-01-start` with an `edit` of phase 2's first step comes down to.
    editor = "sed -i '1s/^pick/edit/'"
    git(tree, "-c", f"sequence.editor={editor}", "rebase", "--quiet", "-i", "phase-01-start")
    (tree / "poem.txt").write_bytes(b"another poem\n")
    git(tree, "commit", "--quiet", "--all", "--amend", "--no-edit")
    git(tree, "rebase", "--continue")
    assert main(["dev", "export", "edit"]) == 0

    commit_step(project.root, None, "feat: change the poem of phase 2")
    phases = load_phases(project)
    new = [phase.commit for phase in phases]
    assert [before == after for before, after in zip(old, new, strict=True)] == [
        True,
        False,
        False,
    ]
    history = build(project, phases)
    assert {history.file(pin, "poem.txt") for pin in new[1:]} == {b"another poem\n"}
    assert (project.root / "poem.txt").read_bytes() == b"another poem\n"
    assert main_copy_differences(project, history) == []
    assert main(["tags", "--check"]) == 0
    assert main(["tags"]) == 1  # the tags of before are still there, and are never moved silently
    assert main(["tags", "--force"]) == 0
    assert git(project.root, "rev-parse", "phase-03-end") == new[2]
    assert git(project.root, "status", "--porcelain") == ""
