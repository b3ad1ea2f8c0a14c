from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.build import History, build
from workbook.history.phases import load_phases
from workbook.history.tags import Outcome, TagError, bring_branch, bring_tags, tags_there
from workbook.project import Project


@pytest.fixture
def history(project: Project) -> History:
    return build(project, load_phases(project))


def _tips(project: Project) -> dict[str, str]:
    return {phase.tag: phase.commit for phase in load_phases(project)}


def test_tags_come_into_a_clone(
    project: Project, history: History, git: Callable[..., str]
) -> None:
    references = bring_tags(project, history)

    assert [(r.name, r.commit) for r in references] == list(_tips(project).items())
    assert {r.outcome for r in references} == {Outcome.CREATED}
    assert git(project.root, "show", "phase-02-middle:windows.txt") == "one\r\ntwo"
    assert tags_there(project, load_phases(project)) == _tips(project)


def test_a_clone_stays_whole_when_what_was_built_goes(
    project: Project, history: History, git: Callable[..., str], tmp_path: Path
) -> None:
    bring_tags(project, history)
    project.history.rename(tmp_path / "gone")

    assert git(project.root, "fsck", "--full", "--strict") == ""
    git(project.root, "switch", "--quiet", "--detach", "phase-02-middle")


def test_tags_come_into_a_hostile_clone(
    project: Project, history: History, hostile_settings: None, git: Callable[..., str]
) -> None:
    for name, value in (("fetch.prune", "true"), ("core.hooksPath", "/nowhere")):
        git(project.root, "config", name, value)
    git(project.root, "tag", "somebodys-own")

    references = bring_tags(project, history)

    assert {r.outcome for r in references} == {Outcome.CREATED}
    assert git(project.root, "tag", "--list", "somebodys-own")


def test_tags_come_into_a_shallow_clone(
    project: Project, tmp_path: Path, git: Callable[..., str]
) -> None:
    url = project.root.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", "--branch=main", url, "shallow")
    shallow = Project(tmp_path / "shallow")

    bring_tags(shallow, build(shallow, load_phases(shallow)))

    assert git(shallow.root, "rev-list", "--count", "phase-03-end") == "6"
    assert git(shallow.root, "rev-parse", "--is-shallow-repository") == "true"


def test_a_second_time_finds_them_there(project: Project, history: History) -> None:
    bring_tags(project, history)

    assert {r.outcome for r in bring_tags(project, history)} == {Outcome.PRESENT}


def test_a_tag_that_points_elsewhere_is_described_and_left(
    project: Project, history: History, git: Callable[..., str]
) -> None:
    git(project.root, "tag", "phase-02-middle", "evolution")
    there = git(project.root, "rev-parse", "evolution")
    date = git(project.root, "log", "-1", "--format=%cs", "evolution")

    references = bring_tags(project, history)

    outcomes = [r.outcome for r in references]
    assert outcomes == [Outcome.CREATED, Outcome.REFUSED, Outcome.CREATED]
    assert references[1].found == f"{there[:10]} of {date}, “feat: greet louder”"
    assert git(project.root, "rev-parse", "phase-02-middle") == there


def test_force_moves_a_tag(project: Project, history: History, git: Callable[..., str]) -> None:
    git(project.root, "tag", "phase-02-middle", "evolution")

    references = bring_tags(project, history, force=True)

    assert references[1].outcome is Outcome.MOVED
    assert references[1].found is not None
    assert tags_there(project, load_phases(project)) == _tips(project)


def test_an_annotated_tag_of_the_same_commit_is_the_tag(
    project: Project, history: History, git: Callable[..., str]
) -> None:
    bring_tags(project, history)
    git(project.root, "tag", "-f", "-a", "-m", "mine", "phase-02-middle", "phase-02-middle^{}")

    references = bring_tags(project, history)

    assert references[1].outcome is Outcome.PRESENT


def test_a_tag_of_a_file_points_elsewhere(
    project: Project, history: History, git: Callable[..., str]
) -> None:
    git(project.root, "tag", "phase-02-middle", "HEAD:mkdocs.yml")

    assert bring_tags(project, history)[1].outcome is Outcome.REFUSED


def test_a_branch_of_all_steps_is_made(
    project: Project, history: History, git: Callable[..., str]
) -> None:
    reference = bring_branch(project, history, "all-steps")

    assert reference.outcome is Outcome.CREATED
    assert git(project.root, "rev-parse", "all-steps") == history.steps[-1].commit
    assert git(project.root, "branch", "--show-current") == "main"


def test_a_branch_that_points_elsewhere_moves_only_by_force(
    project: Project, history: History, git: Callable[..., str]
) -> None:
    assert bring_branch(project, history, "evolution").outcome is Outcome.REFUSED

    assert bring_branch(project, history, "evolution", force=True).outcome is Outcome.MOVED
    assert git(project.root, "rev-parse", "evolution") == history.steps[-1].commit


def test_a_branch_that_is_checked_out_is_not_moved_even_by_force(
    project: Project, history: History, evolution: Path, git: Callable[..., str]
) -> None:
    before = git(project.root, "rev-parse", "evolution")

    with pytest.raises(TagError, match="is checked out there") as caught:
        bring_branch(project, history, "evolution", force=True)

    assert caught.value.place == str(evolution)
    assert git(project.root, "rev-parse", "evolution") == before


def test_an_impossible_name_for_a_branch_is_refused(project: Project, history: History) -> None:
    with pytest.raises(TagError, match="is no name for a branch"):
        bring_branch(project, history, "two words")


def test_without_a_clone_there_is_nothing_to_bring(
    project: Project, history: History, tmp_path: Path
) -> None:
    (project.root / ".git").rename(tmp_path / "gone")

    assert bring_tags(project, history) == []
    assert tags_there(project, load_phases(project)) == {}
    with pytest.raises(TagError, match="no clone") as caught:
        bring_branch(project, history, "evolution")
    assert f"git clone {project.history}" in str(caught.value.remedy)


def test_tags_come_into_a_linked_working_tree(
    project: Project, tmp_path: Path, git: Callable[..., str]
) -> None:
    git(project.root, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"), "main")
    linked = Project(tmp_path / "linked")

    bring_tags(linked, build(linked, load_phases(linked)))

    assert git(project.root, "tag").split() == list(_tips(project))
