import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.atomic import WriteError
from workbook.errors import WorkbookError
from workbook.history.branch import BranchError
from workbook.history.build import SeriesError, build
from workbook.history.main_copy import main_copy_differences
from workbook.history.phases import load_phases
from workbook.history.save import save
from workbook.project import Project

NEW = {"src/new.py": b"x = 1\n"}


def _fingerprint(root: Path) -> dict[str, str]:
    """Every file but git's and the workbook's own, with its mode and a hash of its content."""
    return {
        path.relative_to(root).as_posix(): f"{path.lstat().st_mode:o} "
        + hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".git", ".workbook"} & set(path.relative_to(root).parts)
    }


def _pins(project: Project) -> list[str]:
    return [phase.commit for phase in load_phases(project)]


def _refused(project: Project, kind: type[WorkbookError] = BranchError) -> WorkbookError:
    """Saving fails with this error, and no file is written."""
    before = _fingerprint(project.root)
    with pytest.raises(kind) as caught:
        save(project, "evolution")
    assert _fingerprint(project.root) == before
    assert caught.value.remedy
    return caught.value


def test_saving_twice_changes_nothing(project: Project) -> None:
    saved = save(project, "evolution")

    assert saved.written == ()
    assert saved.repinned == ()
    assert saved.steps == 6


def test_the_branch_that_tags_gives_saves_as_the_same(
    project: Project, git: Callable[..., str]
) -> None:
    from workbook.history.tags import bring_branch

    bring_branch(project, build(project, load_phases(project)), "again")

    assert save(project, "again").written == ()


def test_a_hostile_configuration_saves_the_same_bytes(
    project: Project, hostile_settings: None, git: Callable[..., str]
) -> None:
    git(project.root, "config", "diff.noprefix", "true")
    git(project.root, "config", "format.signature", "hostile")

    saved = save(project, "evolution", allow_dirty=True)

    assert saved.written == ()


def test_an_odd_path_to_the_project_does_not_matter(project: Project, tmp_path: Path) -> None:
    odd = tmp_path / "a folder: ünd #1"
    project.root.rename(odd)

    assert save(Project(odd), "evolution").written == ()
    assert build(Project(odd), load_phases(Project(odd))).steps


def test_patches_are_plain_and_name_no_machine(project: Project) -> None:
    text = "".join(
        patch.read_text(encoding="utf-8", errors="surrogateescape", newline="")
        for phase in load_phases(project)
        for patch in phase.patches
    )

    assert text.count("From " + "0" * 40) == 6
    assert "Subject: [docs] say über-greeting\n" in text
    assert "\n-- \n" not in text
    assert set(re.findall(r"^From: (.*)$", text, re.MULTILINE)) == {
        "fastapi-single-process <workbook@fastapi-single-process.invalid>"
    }


def test_a_new_step_gives_a_new_patch_a_new_pin_and_a_new_copy(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    before = _pins(project)
    commit_step(evolution, "03-end", "feat: add a file", files=NEW)

    saved = save(project, "evolution")

    (patch,) = (project.evolution / "03-end").glob("0003-*.patch")
    assert patch.name == "0003-feat-add-a-file.patch"
    assert [phase.slug for phase in saved.repinned] == ["03-end"]
    assert [old == new for old, new in zip(before, _pins(project), strict=True)] == [
        True,
        True,
        False,
    ]
    assert (project.root / "src/new.py").read_bytes() == b"x = 1\n"
    history = build(project, load_phases(project))
    assert main_copy_differences(project, history) == []


def test_who_committed_and_when_does_not_matter(
    project: Project, evolution: Path, git: Callable[..., str]
) -> None:
    git(evolution, "commit", "--amend", "--quiet", "--no-edit", "--reset-author", "--date=@1e9")

    assert save(project, "evolution").written == ()


def test_a_new_phase_is_saved_from_its_forty_zeros(
    project: Project,
    evolution: Path,
    commit_step: Callable[..., str],
    write_chapter: Callable[..., Path],
) -> None:
    page = write_chapter(project.root, "04-more", "2026-11-20")
    text = page.read_text(encoding="utf-8")
    commit_step(project.root, None, "docs: outline chapter 4")
    tip = commit_step(evolution, "04-more", "feat: add a file", files=NEW)

    saved = save(project, "evolution")

    assert [phase.slug for phase in saved.repinned] == ["04-more"]
    pin = _pins(project)[3]
    assert pin not in {"0" * 40, tip}
    assert page.read_text(encoding="utf-8") == text.replace("0" * 40, pin)
    assert build(project, load_phases(project)).steps[-1].commit == pin


def test_two_phases_of_one_day_follow_each_other_in_time(
    project: Project,
    evolution: Path,
    commit_step: Callable[..., str],
    write_chapter: Callable[..., Path],
) -> None:
    write_chapter(project.root, "04-more", "2026-11-16")
    commit_step(project.root, None, "docs: outline chapter 4")
    commit_step(evolution, "04-more", "feat: add a file", files=NEW)

    save(project, "evolution")

    history = build(project, load_phases(project)).repository
    times = [int(line) for line in history.run("log", "--reverse", "--format=%at").split()]
    assert times == sorted(set(times))


def test_a_pages_line_ends_are_kept(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    page = load_phases(project)[2].page
    text = page.read_bytes().replace(b"\n", b"\r\n")
    page.write_bytes(text)
    commit_step(project.root, None, "docs: use other line ends")
    commit_step(evolution, "03-end", "feat: add a file", files=NEW)
    old = _pins(project)[2]

    save(project, "evolution")

    assert page.read_bytes() == text.replace(old.encode(), _pins(project)[2].encode())


def test_a_dropped_step_takes_its_patch_and_its_files_along(
    project: Project, evolution: Path, git: Callable[..., str]
) -> None:
    git(evolution, "reset", "--quiet", "--hard", "HEAD~1")
    assert (project.root / "src/empty.py").exists()

    save(project, "evolution")

    assert len(list((project.evolution / "03-end").glob("*.patch"))) == 1
    assert not (project.root / "src/empty.py").exists()
    assert b"hello, {name}" in (project.root / "src/app.py").read_bytes()


def test_a_folder_that_becomes_empty_goes_with_its_last_file(
    project: Project, evolution: Path, commit_step: Callable[..., str], git: Callable[..., str]
) -> None:
    commit_step(evolution, "03-end", "feat: add", files={"deep/er/file.txt": b"x\n"})
    save(project, "evolution")
    commit_step(project.root, None, "docs: save")
    git(evolution, "reset", "--quiet", "--hard", "HEAD~1")

    save(project, "evolution")

    assert not (project.root / "deep").exists()


def test_what_main_owns_is_left_alone(project: Project, git: Callable[..., str]) -> None:
    readme = project.root / "README.md"
    assert not readme.exists()  # the phases have one, and pyproject.toml: main's is its own
    readme.write_text("# Main's own\n", encoding="utf-8")
    git(project.root, "add", "README.md")
    git(project.root, "commit", "--quiet", "-m", "docs: own readme")

    save(project, "evolution")

    assert readme.read_text(encoding="utf-8") == "# Main's own\n"
    assert not (project.root / "pyproject.toml").exists()


def test_a_symbolic_link_and_a_changed_bit_come_through(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    (evolution / "link").symlink_to("src/app.py")
    (evolution / "run.sh").chmod(0o644)
    commit_step(evolution, "03-end", "feat: link")

    save(project, "evolution")

    assert str((project.root / "link").readlink()) == "src/app.py"
    assert not (project.root / "run.sh").stat().st_mode & 0o111
    history = build(project, load_phases(project))
    assert main_copy_differences(project, history) == []


def test_an_odd_message_is_carried_through(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    body = "> From me to you\n\n# no comment\nFrom here on, it is prose.\n--\n*** a b\n\tTab: x"
    subject = "Re: [PATCH 1/2] [x] fixup: " + "very " * 30 + "lang ünd non-ASCII"
    commit_step(evolution, "03-end", subject, body, NEW)

    save(project, "evolution")

    step = build(project, load_phases(project)).steps[-1]
    assert step.subject == subject
    assert step.body == f"{body}\n\nPhase: 03-end"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("Above.\n---\nBelow.", "---"),
        ("Above.\n\ndiff --git a/x b/x\nBelow.", "diff --git a/x b/x"),
        ("Above.\n\nIndex: x\nBelow.", "Index: x"),
        (
            "Above.\n\nFrom a@example.com Mon Sep 17 00:00:00 2001\nBelow.",
            "From a@example.com Mon Sep 17 00:00:00 2001",
        ),
        ("From: Somebody <else@example.com>\n\nBelow.", "From: Somebody <else@example.com>"),
        ("Subject: another\n\nBelow.", "Subject: another"),
    ],
)
def test_a_message_that_a_patch_would_cut_is_refused(
    project: Project, evolution: Path, commit_step: Callable[..., str], body: str, line: str
) -> None:
    id_ = commit_step(evolution, "03-end", "feat: add", body, NEW)

    error = _refused(project, SeriesError)

    assert repr(line) in error.what
    assert error.place == f"commit {id_[:10]} “feat: add”"
    assert "reword" in str(error.remedy)


def test_a_step_without_its_trailer_is_refused(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    id_ = commit_step(evolution, None, "feat: forget it", files=NEW)

    error = _refused(project)

    assert error.what == "it has no trailer `Phase:`"
    assert error.place == f"evolution, commit {id_[:10]} “feat: forget it”"
    assert "Phase: NN-slug" in str(error.remedy)


def test_a_trailer_that_is_no_chapter_is_refused(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    commit_step(evolution, "04-none", "feat: add", files=NEW)

    error = _refused(project)

    assert error.what == "no chapter is called '04-none'"
    assert "01-start, 02-middle, 03-end" in str(error.remedy)


def test_two_trailers_are_refused(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    commit_step(evolution, "02-middle\nPhase: 03-end", "feat: add", files=NEW)

    assert "no chapter is called '02-middle,03-end'" in _refused(project).what


def test_a_step_out_of_order_is_refused(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    id_ = commit_step(evolution, "02-middle", "feat: add", files=NEW)

    error = _refused(project)

    assert error.what == "a step of 02-middle comes after one of 03-end"
    assert id_[:10] in str(error.place)


def test_an_empty_step_is_refused(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    commit_step(evolution, "03-end", "chore: nothing")

    assert _refused(project).what == "it changes nothing"


def test_a_merge_is_refused(
    project: Project,
    evolution: Path,
    commit_step: Callable[..., str],
    git: Callable[..., str],
) -> None:
    git(evolution, "switch", "--quiet", "-c", "side", "HEAD~1")
    commit_step(evolution, "03-end", "feat: add", files=NEW)
    git(evolution, "switch", "--quiet", "evolution")
    git(evolution, "merge", "--quiet", "-m", "merge\n\nPhase: 03-end", "side")

    error = _refused(project)

    assert "a merge is no step" in error.what
    assert "rebase" in str(error.remedy)


def test_a_chapter_without_a_step_is_refused(
    project: Project, commit_step: Callable[..., str], write_chapter: Callable[..., Path]
) -> None:
    write_chapter(project.root, "04-more", "2026-11-20")
    commit_step(project.root, None, "docs: outline chapter 4")

    error = _refused(project)

    assert error.what == "04-more has a chapter and no step on this branch"


def test_a_branch_that_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(BranchError, match="there is no branch 'nowhere'") as caught:
        save(project, "nowhere")

    assert "workbook tags --branch nowhere" in str(caught.value.remedy)


def test_a_tag_is_no_branch(project: Project, git: Callable[..., str]) -> None:
    git(project.root, "tag", "steps", "evolution")

    with pytest.raises(BranchError, match="there is no branch 'steps'"):
        save(project, "steps")


def test_a_dirty_main_is_refused(project: Project) -> None:
    with (project.root / "src/app.py").open("a", encoding="utf-8") as file:
        file.write("# more\n")

    error = _refused(project)

    assert "src/app.py" in error.what
    assert error.place == str(project.root)


def test_what_git_does_not_track_is_in_no_ones_way(project: Project) -> None:
    (project.root / ".DS_Store").touch()
    (project.evolution / "01-start" / "._0001-feat-greet.patch").touch()

    assert save(project, "evolution").written == ()


@pytest.mark.parametrize("tracked", [False, True])
def test_a_file_of_mains_own_is_never_written_over(
    project: Project,
    evolution: Path,
    commit_step: Callable[..., str],
    git: Callable[..., str],
    tracked: bool,
) -> None:
    (project.root / "notes.txt").write_text("mine\n")
    if tracked:
        git(project.root, "add", "notes.txt")
        git(project.root, "commit", "--quiet", "-m", "docs: take notes")
    commit_step(evolution, "03-end", "feat: take notes", files={"notes.txt": b"a step's\n"})

    error = _refused(project)

    assert "notes.txt" in error.what
    assert (project.root / "notes.txt").read_text() == "mine\n"


def test_a_dirty_main_is_saved_over_when_asked(project: Project) -> None:
    (project.root / "untracked.txt").touch()
    (project.root / "src/app.py").write_bytes(b"changed = True\n")

    saved = save(project, "evolution", allow_dirty=True)

    assert saved.written == (project.root / "src/app.py",)


def test_a_dirty_working_tree_of_the_branch_is_refused(project: Project, evolution: Path) -> None:
    (evolution / "untracked.txt").touch()

    error = _refused(project)

    assert error.place == str(evolution)
    assert "untracked.txt" in error.what


def test_a_rebase_under_way_is_refused(
    project: Project, evolution: Path, git: Callable[..., str]
) -> None:
    git(evolution, "-c", "sequence.editor=sed -i 's/^pick/edit/'", "rebase", "-q", "-i", "HEAD~1")
    assert git(evolution, "branch", "--show-current") == ""

    error = _refused(project)

    assert error.what == "a rebase of evolution is under way here"
    assert error.place == str(evolution)


def test_a_branch_that_a_shallow_clone_cuts_off_is_refused(
    project: Project, tmp_path: Path, git: Callable[..., str]
) -> None:
    url = project.root.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=2", "--no-single-branch", url, "shallow")
    shallow = tmp_path / "shallow"
    git(shallow, "switch", "--quiet", "main")
    git(shallow, "branch", "evolution", "origin/evolution")

    error = _refused(Project(shallow))

    assert "isn't complete here" in error.what
    assert "--unshallow" in str(error.remedy)


def test_a_folder_without_git_cannot_save(project: Project, tmp_path: Path) -> None:
    (project.root / ".git").rename(tmp_path / "gone")

    assert "no clone" in _refused(project).what


def test_nothing_is_written_if_one_file_cannot_be(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    # A folder that git ignores stands where the last of the step's files shall go.
    obstacle = project.root / ".venv"
    obstacle.mkdir()
    (obstacle / "in-the-way").touch()
    files = {"a.txt": b"a\n", "src/app.py": b"new = 1\n", "zoo.txt": b"z\n"}
    commit_step(evolution, "03-end", "feat: add", files=files)
    (evolution / ".venv").write_bytes(b"a file\n")
    (evolution / ".gitignore").write_bytes(b"")
    commit_step(evolution, "03-end", "feat: a file named so")

    error = _refused(project, WriteError)

    assert error.what.startswith("nothing was written")
    assert error.place is not None
    assert ".venv" in error.place
