import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.cli import main
from workbook.history.phases import load_phases
from workbook.project import Project

type Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _inside(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)


def _snapshot(project: Project, git: Callable[..., str]) -> tuple[str, str, list[str]]:
    files = sorted(str(path) for path in project.root.rglob("*") if ".git" not in path.parts)
    return git(project.root, "for-each-ref"), git(project.root, "status", "--porcelain"), files


def test_tags_are_built_and_brought(
    project: Project, capsys: Output, git: Callable[..., str]
) -> None:
    assert main(["tags"]) == 0

    lines = capsys.readouterr().out.splitlines()
    pins = {phase.tag: phase.commit for phase in load_phases(project)}
    assert lines == [f"{tag:<34} {pin[:10]}  created" for tag, pin in pins.items()]
    assert git(project.root, "tag").split() == list(pins)


def test_a_moved_tag_is_described_and_force_offered(
    project: Project, capsys: Output, git: Callable[..., str]
) -> None:
    git(project.root, "tag", "phase-01-start", "evolution")

    assert main(["tags"]) == 1

    said = capsys.readouterr()
    assert "phase-01-start" in said.out
    assert "points elsewhere" in said.out
    assert re.search(r"phase-01-start is \w{10} of \S+, “feat: greet louder” here", said.err)
    assert "workbook tags --force" in said.err
    assert main(["tags", "--force"]) == 0
    assert main(["tags"]) == 0


def test_a_check_changes_nothing(project: Project, capsys: Output, git: Callable[..., str]) -> None:
    before = _snapshot(project, git)

    assert main(["tags", "--check"]) == 0

    assert capsys.readouterr().out == "3 tags, 6 steps: every pin holds\n"
    assert _snapshot(project, git) == before


def test_a_check_fails_on_a_wrong_pin(project: Project, capsys: Output) -> None:
    page = load_phases(project)[1].page
    page.write_text(re.sub("[0-9a-f]{40}", "b" * 40, page.read_text()), encoding="utf-8")

    assert main(["tags", "--check"]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("workbook: docs/evolution/02-middle/index.md:5: the pin is bbbb")
    assert "git restore docs/evolution" in said.err
    assert not project.state.exists()


def test_a_folder_without_git_is_told_how_to_use_its_tags(
    project: Project, tmp_path: Path, capsys: Output, git: Callable[..., str]
) -> None:
    shutil.rmtree(project.root / ".git")
    git(tmp_path, "init", "--quiet")  # a foreign repository around it stays as it is

    assert main(["tags"]) == 0

    said = capsys.readouterr().out
    commands = [line.strip().split() for line in said.splitlines() if line.startswith("  git")]
    assert len(commands) == 2
    for command in commands:
        git(project.root, *command[1:])
    assert git(tmp_path / "phases", "describe", "--tags") == "phase-03-end"
    assert git(tmp_path, "for-each-ref") == ""


def test_a_branch_can_be_made_while_a_new_chapter_is_unsaved(
    project: Project, capsys: Output, write_chapter: Callable[..., Path], git: Callable[..., str]
) -> None:
    write_chapter(project.root, "04-more", "2026-11-20")

    assert main(["tags"]) == 1
    assert "phase-04-more has never been saved" in capsys.readouterr().err
    assert main(["tags", "--branch", "steps"]) == 0

    assert "left out: not saved yet" in capsys.readouterr().out
    assert git(project.root, "rev-list", "--count", "steps") == "6"


def test_saving_says_what_changed_and_what_comes_next(
    project: Project, evolution: Path, commit_step: Callable[..., str], capsys: Output
) -> None:
    commit_step(evolution, "03-end", "feat: add", files={"src/new.py": b"x = 1\n"})

    assert main(["dev", "export", "evolution"]) == 0

    said = capsys.readouterr().out
    assert said.startswith(
        "exported 7 steps in 3 phases from evolution: 3 files written, 1 new pins"
    )
    assert "phase-03-end" in said
    assert "workbook dev fill" in said
    assert main(["dev", "export", "evolution"]) == 1  # what was written isn't committed
    assert main(["dev", "export", "--allow-dirty", "evolution"]) == 0


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["1", "2"], '+    return f"hello, {name}"'),
        (["01", "phase-02-middle"], '+    return f"hello, {name}"'),
        (["01-start", "2.2"], '+    return f"hello, {name}"'),
        (["0", "1"], "+def greet() -> str:"),
        (["2.1", "3.2", "src/app.py"], '+    return f"HELLO, {name}"'),
    ],
)
def test_phases_and_steps_are_compared(names: list[str], expected: str, capsys: Output) -> None:
    assert main(["diff", *names]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert expected in lines
    if len(names) == 3:
        assert [line for line in lines if line.startswith("diff")] == [
            "diff --git a/src/app.py b/src/app.py"
        ]


def test_a_diff_names_a_commit_too(project: Project, capsys: Output) -> None:
    first, second, _ = (phase.commit for phase in load_phases(project))

    assert main(["diff", first[:7], second]) == 0

    assert "+++ b/windows.txt" in capsys.readouterr().out


@pytest.mark.parametrize("names", [["1", "9"], ["1.3", "2"], ["x", "1"], ["1", "0"]])
def test_an_unknown_phase_is_named(names: list[str], capsys: Output) -> None:
    assert main(["diff", *names]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("workbook: ")
    assert len(said.err.splitlines()) >= 2


def test_an_unknown_chapter_is_named(capsys: Output) -> None:
    assert main(["dev", "fill", "2", "7"]) == 1

    assert capsys.readouterr().err == "workbook: there is no chapter 7\n  The chapters: 1, 2, 3\n"


MISSPELT = ("tag-all", "replay --jobs=0", "replay --jobs=two", "up --port=65536", "up --port=-1")


@pytest.mark.parametrize("said", [words.split() for words in MISSPELT], ids=MISSPELT)
def test_a_misspelt_command_is_a_usage_error(said: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(said)

    assert caught.value.code == 2


def test_outside_a_project_it_says_so(tmp_path: Path, capsys: Output) -> None:
    os.chdir(tmp_path)

    assert main([]) == 1

    said = capsys.readouterr().err
    assert "no workbook here" in said
    assert str(tmp_path) in said


def test_it_works_from_a_folder_within(project: Project, capsys: Output) -> None:
    os.chdir(project.evolution / "01-start")

    assert main(["tags", "--check"]) == 0


def test_a_reader_that_stops_early_is_no_failure(project: Project) -> None:
    code = "import sys; from workbook.cli import main; sys.exit(main(['diff', '0', '3']))"
    running = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stderr is not None

    running.stdout.close()

    assert running.stderr.read() == b""
    assert running.wait() == 141
    running.stderr.close()


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", "h\\xe9"), ("utf-8", "hé")])
def test_what_a_terminal_cannot_show_is_escaped(
    project: Project, encoding: str, shown: str
) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("workbook"), "diff", "1", "2"],
        cwd=project.root,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert f"+{shown}" in done.stdout.splitlines()


def _next(capsys: Output) -> str:
    assert main([]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith("Next: ")
    return last


def test_the_status_leads_from_the_tags_to_the_service(
    project: Project, capsys: Output, git: Callable[..., str]
) -> None:
    before = _snapshot(project, git)
    assert "`workbook tags`" in _next(capsys)
    assert _snapshot(project, git) == before

    main(["tags"])
    (project.root / ".DS_Store").touch()
    assert "`workbook up`" in _next(capsys)

    (project.root / "src/app.py").write_bytes(b"changed\n")
    assert "`workbook dev export BRANCH`" in _next(capsys)


def test_the_status_knows_moved_tags(
    project: Project, capsys: Output, git: Callable[..., str]
) -> None:
    git(project.root, "tag", "phase-01-start", "evolution")

    assert main([]) == 0

    said = capsys.readouterr().out
    assert re.search(r"phase-01-start .* tag here, at another commit: ", said)
    assert "Next: `workbook tags`, which says what" in said


def test_the_status_knows_an_unsaved_phase(
    project: Project, capsys: Output, write_chapter: Callable[..., Path]
) -> None:
    write_chapter(project.root, "04-more", "2026-11-20")

    assert "`workbook dev export BRANCH`" in _next(capsys)


def test_the_status_of_a_folder_without_git(project: Project, capsys: Output) -> None:
    shutil.rmtree(project.root / ".git")
    main(["tags"])
    capsys.readouterr()

    assert main([]) == 0

    assert capsys.readouterr().out.count("tag in .workbook/history") == 3


def test_a_page_that_is_none_is_named(capsys: Output) -> None:
    assert main(["replay", "docs/nowhere.md"]) == 1

    assert capsys.readouterr().err.startswith("workbook: docs/nowhere.md is no page\n")


def test_a_replay_of_slow_blocks_follows_the_pages_that_have_any(
    project: Project, capsys: Output
) -> None:
    (project.docs / "fast.md").write_text("# Fast\n\n```console\n$ false\n```\n")
    assert main(["replay", "--slow"]) == 0
    assert capsys.readouterr().out == "no page has a slow block\n"

    (project.docs / "slow.md").write_text("# Slow\n\n```console run=slow\n$ true\n```\n")

    assert main(["replay", "--slow"]) == 0
    assert capsys.readouterr().out == "docs/slow.md: 1 blocks hold\n"


def test_the_ledger_counts_the_blocks_of_all_pages(project: Project, capsys: Output) -> None:
    (project.docs / "guide.md").write_text("```text\na\n```\n\n```console\n$ ls\n```\n")

    assert main(["dev", "crosscheck"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "transcript: 1",
        "illustration: 1",
        "2 blocks on 4 pages, as many as CommonMark sees",
    ]


def test_a_replay_says_where_its_time_went(project: Project, capsys: Output) -> None:
    page = project.docs / "guide.md"
    page.write_text("# Guide\n\n```console\n$ sleep 0.1\n```\n")

    assert main(["replay", "--durations", "docs/guide.md"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "docs/guide.md: 1 blocks hold"
    at = lines.index(" seconds  of page  slowest blocks")
    assert lines[at + 1].endswith("  docs/guide.md:3 transcript")
    assert lines[at + 2].strip() == "sleep 0.1"
    assert lines[-1].endswith("  in all")
