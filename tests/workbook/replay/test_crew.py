"""Pages that are followed side by side: reported each in one piece, and ended together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.project import Project
from workbook.replay.follow import Options, Result
from workbook.replay.processes import is_running
from workbook.replay.replay import replay

type Write = Callable[[str, str], Path]


@pytest.fixture
def write(project: Project) -> Write:
    """Writes a page of one transcript."""

    def page(name: str, commands: str) -> Path:
        file = project.docs / f"{name}.md"
        file.write_text(f"# {name}\n\n```console\n{commands}\n```\n")
        return file

    return page


def meet(me: Path, other: Path) -> str:
    """A command that fails unless that of the other page runs at the same time."""
    wait = f"for _ in $(seq 400); do [ -e {other} ] && break; sleep 0.05; done"
    return f"$ touch {me}; {wait}; [ -e {other} ]"


def test_pages_run_at_the_same_time_and_are_reported_each_in_one_piece(
    project: Project, write: Write, tmp_path: Path
) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    pages = [write("a", meet(a, b)), write("b", meet(b, a)), write("c", "$ echo c\nd")]
    said: list[str] = []

    results = replay(project, pages, Options(), said.append, jobs=2)

    assert {result.page: result.good for result in results} == {
        "docs/a.md": True,
        "docs/b.md": True,
        "docs/c.md": False,
    }
    assert said == [line for result in results for line in result.lines]
    assert any("-d" in line for line in said)


def test_what_is_accepted_is_written_one_page_after_the_other(
    project: Project, write: Write
) -> None:
    pages = [write("a", "$ sleep 1; echo a"), write("b", "$ echo b")]
    said: list[str] = []

    replay(project, pages, Options(accept=True), said.append, jobs=2)

    assert said == ["docs/a.md: 1 blocks hold", "docs/b.md: 1 blocks hold"]
    assert pages[0].read_text().endswith("\na\n```\n")


def test_a_process_that_is_lost_is_a_failure_of_its_page(
    project: Project, write: Write, tmp_path: Path
) -> None:
    # The parent of the page's shell is the process that follows it.
    pages = [write("a", "$ kill $PPID; sleep 600"), write("b", "$ true")]
    said: list[str] = []

    results = replay(project, pages, Options(), said.append, jobs=2)

    assert {result.page: result.good for result in results} == {
        "docs/a.md": False,
        "docs/b.md": True,
    }
    assert "docs/a.md: FAILED: the process that followed it ended with status 130" in said


@pytest.mark.parametrize("to", ["the group", "the parent"])
def test_an_ending_signal_ends_all_sandboxes_and_leaves_nothing_behind(
    project: Project, write: Write, tmp_path: Path, to: str
) -> None:
    told = [tmp_path / "told-a", tmp_path / "told-b"]
    for file in told:
        command = (
            f"(echo $PPID $BASHPID $WORKBOOK_SANDBOX >{file}.new; mv {file}.new {file}; sleep 600)"
        )
        write(file.name, f"$ {command}")
    names = [f"docs/{file.name}.md" for file in told]
    script = f"import sys; from workbook.cli import main; sys.exit(main({['replay', *names]}))"
    replaying = subprocess.Popen(
        [sys.executable, "-c", script.replace("'replay'", "'replay', '--jobs=2'")],
        cwd=project.root,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not all(file.exists() for file in told):
        assert replaying.poll() is None
        time.sleep(0.01)

    if to == "the group":
        os.killpg(replaying.pid, signal.SIGINT)
    else:
        replaying.send_signal(signal.SIGTERM)

    _, errors = replaying.communicate()
    assert replaying.returncode == 130
    assert "Traceback" not in errors, errors
    for file in told:
        follower, shell, sandbox = file.read_text().split()
        assert not is_running(int(follower))
        assert not is_running(int(shell))
        assert not Path(sandbox).exists()


def test_a_result_of_another_page_is_not_waited_for(project: Project, write: Write) -> None:
    pages = [write("a", "$ false"), write("b", "$ true"), write("c", "$ true")]

    results: list[Result] = replay(project, pages, Options(), print, jobs=8)

    assert sorted(result.page for result in results) == ["docs/a.md", "docs/b.md", "docs/c.md"]
