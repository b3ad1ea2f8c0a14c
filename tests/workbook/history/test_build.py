import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from workbook.history.build import (
    EMAIL,
    NAME,
    Change,
    History,
    SeriesError,
    assemble,
    build,
    built,
)
from workbook.history.phases import UNSAVED, Phase, load_phases
from workbook.project import Project

# The same on every machine, with every version of git: a change here breaks every reader's tags.
PINS = [
    "fe2f89f3a905ab7d7c09c12d13de241ec5284df8",
    "24d08aa4bdd029b54e867f28075dacee18fb3adc",
    "92fe40d6da56a3b16ee80257d4f9ad6ba438f789",
]


def _build(project: Project) -> History:
    return build(project, load_phases(project))


def _edit(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, new))


def _patch(project: Project, slug: str, number: int) -> Path:
    (patch,) = (project.evolution / slug).glob(f"{number:04}-*.patch")
    return patch


def test_the_patches_give_these_ids_on_every_machine(project: Project) -> None:
    history = _build(project)

    assert [history.tip(phase) for phase in load_phases(project)] == PINS


def test_a_hostile_configuration_gives_the_same_ids(
    project: Project, hostile_settings: None
) -> None:
    history = _build(project)

    assert [history.tip(phase) for phase in load_phases(project)] == PINS


def test_every_commit_has_the_fixed_author_and_a_date_counted_from_its_chapter(
    project: Project,
) -> None:
    history = _build(project)

    log = history.repository.run("log", "--reverse", "--format=%an %ae %cn %ce %ai %ci")

    people = f"{NAME} {EMAIL} {NAME} {EMAIL}"
    dates = [f"2026-11-{day} 00:0{n}:00 +0000" for day in ("02", "09", "16") for n in (1, 2)]
    assert log.splitlines() == [f"{people} {date} {date}" for date in dates]


def test_a_shallow_clone_builds_the_same(
    project: Project, tmp_path: Path, git: Callable[..., str]
) -> None:
    shallow = tmp_path / "shallow"
    url = project.root.as_uri()
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=main", url, str(shallow))

    history = _build(Project(shallow))

    assert history.steps[-1].commit == PINS[-1]


def test_a_clone_with_converted_line_ends_builds_the_same(
    project: Project, tmp_path: Path, git: Callable[..., str]
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--config=core.autocrlf=true", str(project.root), str(clone))
    page = (clone / "docs/evolution/01-start/index.md").read_bytes()
    assert b"\r\n" in page  # the arrangement holds: git did convert

    history = _build(Project(clone))

    assert history.steps[-1].commit == PINS[-1]


@pytest.mark.parametrize("nested", [False, True])
def test_a_folder_without_git_builds_the_same(
    project: Project, tmp_path: Path, git: Callable[..., str], nested: bool
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    if nested:
        git(foreign, "init", "--quiet")
    root = foreign / "download"
    shutil.copytree(project.root, root, ignore=shutil.ignore_patterns(".git"))

    history = _build(Project(root))

    assert history.steps[-1].commit == PINS[-1]
    if nested:
        assert git(foreign, "for-each-ref") == ""


def test_a_step_knows_its_commit_its_message_and_its_patch(project: Project) -> None:
    history = _build(project)

    phase = load_phases(project)[2]
    step = history.steps_of(phase)[0]

    assert step.phase == phase
    assert step.number == 1
    assert step.parent == PINS[1]
    assert step.subject == "[docs] say über-greeting"
    assert step.body.startswith("Body with ümläuts,\n\nand a second paragraph:\n  - indented")
    assert step.patch == _patch(project, "03-end", 1)
    assert history.steps[0].parent is None
    assert [step.number for step in history.steps] == [1, 2, 1, 2, 1, 2]


def test_files_come_back_byte_for_byte(project: Project) -> None:
    history = _build(project)
    first, second, third = (history.tip(phase) for phase in load_phases(project))

    assert history.file(first, "logo.bin") == bytes(range(256)) * 4
    assert history.file(second, "logo.bin") is None
    assert history.file(second, "windows.txt") == b"one\r\ntwo\r\n"
    assert history.file(second, "poem.txt") == b"a line \n\t\n \nno end of line"
    assert history.file(second, "naïve file.txt") == "hé\n".encode()
    assert history.file(third, "src/empty.py") == b""
    assert history.file(third, "src") is None


def test_a_tree_holds_modes(project: Project) -> None:
    tree = _build(project).tree(PINS[0])

    modes = {path: mode for path, (mode, _) in tree.items()}
    assert modes == {
        ".gitignore": "100644",
        "README.md": "100644",
        "logo.bin": "100644",
        "pyproject.toml": "100644",
        "run.sh": "100755",
        "src/app.py": "100644",
    }


def test_a_diff_starts_from_nothing_or_from_a_commit(
    project: Project, hostile_settings: None
) -> None:
    history = _build(project)

    whole = history.diff(None, PINS[0], "src/app.py")
    edit = history.diff(PINS[1], PINS[2], "src/app.py", context=0)

    assert "--- /dev/null\n+++ b/src/app.py\n@@ -0,0 +1,2 @@\n" in whole
    assert edit.endswith(
        '@@ -2 +2 @@ def greet(name: str) -> str:\n-    return f"hello, {name}"\n'
        '+    return f"HELLO, {name}"\n'
    )


def test_a_stat_counts_lines(project: Project) -> None:
    history = _build(project)

    changes = history.stat(PINS[0], PINS[1])

    assert Change("logo.bin", None, None) in changes
    assert Change("src/app.py", 2, 2) in changes
    assert Change("naïve file.txt", 1, 0) in changes


def test_a_second_build_reuses_the_first(project: Project) -> None:
    _build(project)
    before = project.history.stat().st_ino

    history = _build(project)

    assert project.history.stat().st_ino == before
    assert history == built(project, load_phases(project))


@pytest.mark.parametrize("damage", ["tag", "objects", "key"])
def test_a_damaged_repository_is_built_anew(
    project: Project, git: Callable[..., str], damage: str
) -> None:
    _build(project)
    if damage == "tag":
        git(project.history, "update-ref", "refs/tags/phase-01-start", PINS[1])
    elif damage == "objects":
        shutil.rmtree(project.history / "objects")
    else:
        (project.history / "workbook-key").unlink()
    assert built(project, load_phases(project)) is None

    history = _build(project)

    assert git(project.history, "rev-parse", "phase-01-start") == PINS[0]
    assert history.file(PINS[2], "windows.txt") == b"one\r\nTWO\r\nthree\n"


def test_processes_that_build_at_once_all_succeed(project: Project) -> None:
    code = (
        "from workbook.history.phases import load_phases; from workbook.project import Project;"
        "from workbook.history.build import build; p = Project.find();"
        "print(build(p, load_phases(p)).steps[-1].commit)"
    )

    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=project.root, stdout=subprocess.PIPE)
        for _ in range(4)
    ]

    assert [process.communicate()[0].decode().strip() for process in running] == [PINS[2]] * 4
    assert sorted(path.name for path in project.state.iterdir()) == [
        ".gitignore",
        "history",
        "history.lock",
    ]


def test_a_build_elsewhere_leaves_the_project_alone(project: Project, tmp_path: Path) -> None:
    history = build(project, load_phases(project), into=tmp_path / "elsewhere")

    assert history.repository.directory == tmp_path / "elsewhere"
    assert not project.state.exists()


def test_the_state_folder_ignores_itself(project: Project, git: Callable[..., str]) -> None:
    _build(project)

    assert git(project.root, "status", "--porcelain") == ""


def test_a_clone_of_the_history_stands_at_the_last_phase(
    project: Project, tmp_path: Path, git: Callable[..., str]
) -> None:
    _build(project)

    git(tmp_path, "clone", "--quiet", str(project.history), "copy")

    assert git(tmp_path / "copy", "rev-parse", "evolution", "phase-03-end") == "\n".join(
        [PINS[2], PINS[2]]
    )
    assert (tmp_path / "copy" / "windows.txt").read_bytes() == b"one\r\nTWO\r\nthree\n"


def _refused(project: Project) -> SeriesError:
    with pytest.raises(SeriesError) as caught:
        _build(project)
    assert caught.value.remedy
    return caught.value


def test_a_changed_line_of_a_patch_is_found_by_file_and_line(project: Project) -> None:
    patch = _patch(project, "02-middle", 2)
    _edit(patch, b'+    return f"hello, {name}"', b'+    return f"hallo, {name}"')

    error = _refused(project)

    lines = patch.read_bytes().split(b"\n")
    announced = next(
        number
        for number, line in enumerate(lines, start=1)
        if line.startswith(b"index ") and b"src/app.py" in b"".join(lines[number - 3 : number])
    )
    assert error.place == f"docs/evolution/02-middle/{patch.name}:{announced}"
    assert "src/app.py" in error.what


def test_a_changed_message_of_a_patch_breaks_the_pin(project: Project) -> None:
    _edit(_patch(project, "02-middle", 1), b"are content.", b"are content!")

    error = _refused(project)

    assert error.place == "docs/evolution/02-middle/index.md:5"
    assert f"the pin is {PINS[1]}, but the patches build " in error.what
    assert "03-end: commit: " in str(error.remedy)


def test_a_patch_that_does_not_apply_is_named(project: Project) -> None:
    patch = _patch(project, "02-middle", 2)
    _edit(patch, b'-    return "hello"', b'-    return "howdy"')

    error = _refused(project)

    assert error.place == f"docs/evolution/02-middle/{patch.name}"
    assert "src/app.py" in error.what
    assert "hint:" not in error.what
    assert "workbook dev export" in str(error.remedy)


def test_a_wrong_pin_is_named_with_its_line(project: Project) -> None:
    wrong = "1" * 40
    _edit(project.evolution / "03-end/index.md", PINS[2].encode(), wrong.encode())

    error = _refused(project)

    assert error.place == "docs/evolution/03-end/index.md:5"
    assert error.what == f"the pin is {wrong}, but the patches build {PINS[2]}"


def test_a_failed_build_leaves_the_last_good_one(project: Project, git: Callable[..., str]) -> None:
    _build(project)
    _edit(project.evolution / "03-end/index.md", PINS[2].encode(), b"1" * 40)

    _refused(project)

    assert git(project.history, "rev-parse", "phase-03-end") == PINS[2]
    assert not list(project.state.glob("history-*"))


def test_an_unsaved_phase_is_said_to_be_unsaved(
    project: Project, write_chapter: Callable[..., Path]
) -> None:
    write_chapter(project.root, "04-more", "2026-11-20")

    error = _refused(project)

    assert error.place == "docs/evolution/04-more/index.md:5"
    assert "has never been saved" in error.what
    assert "Phase: 04-more" in str(error.remedy)
    assert "workbook dev export" in str(error.remedy)


def test_a_missing_patch_is_missed(project: Project) -> None:
    _patch(project, "02-middle", 1).unlink()

    error = _refused(project)

    assert error.place is not None
    assert re.search(r"02-middle/0002-.*\.patch", error.place)
    assert "step 1" in error.what


def test_a_phase_without_patches_is_refused(project: Project) -> None:
    for patch in (project.evolution / "02-middle").glob("*.patch"):
        patch.unlink()

    assert _refused(project).place == "docs/evolution/02-middle"


def test_a_patch_with_converted_line_ends_is_refused(project: Project) -> None:
    patch = _patch(project, "01-start", 1)
    patch.write_bytes(patch.read_bytes().replace(b"\n", b"\r\n"))

    error = _refused(project)

    assert error.place == f"docs/evolution/01-start/{patch.name}:1"
    assert "CRLF" in error.what


def test_a_file_that_is_no_patch_is_refused(project: Project) -> None:
    patch = _patch(project, "01-start", 1)
    patch.write_bytes(b"nothing\n")

    assert "no patch" in _refused(project).what


def test_a_patch_that_holds_two_mails_is_refused(project: Project) -> None:
    first, second = _patch(project, "03-end", 1), _patch(project, "03-end", 2)
    first.write_bytes(first.read_bytes() + second.read_bytes())
    second.write_bytes(second.read_bytes().replace(b"HELLO", b"HELLO, HELLO"))

    assert _refused(project)


def test_no_chapter_at_all_is_said_clearly(project: Project) -> None:
    shutil.rmtree(project.evolution)
    project.evolution.mkdir()

    assert _refused(project).what == "there is no chapter yet"


def test_an_unwritable_folder_is_one_clear_line(project: Project) -> None:
    project.state.write_text("in the way", encoding="utf-8")

    with pytest.raises(Exception, match="can't write its own folder"):
        _build(project)


def test_assembling_ignores_pins(project: Project, tmp_path: Path) -> None:
    phases: list[Phase] = [replace(phase, commit=UNSAVED) for phase in load_phases(project)]

    history = assemble(project, phases, tmp_path / "assembled")

    assert history.steps[-1].commit == PINS[2]
    assert not os.path.lexists(project.state)
