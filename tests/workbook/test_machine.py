"""What the machine fails at is said to be the machine's, and never a page's or a patch's."""

import errno
import os
import shutil
import socket
import subprocess
import tempfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbook.cli import main
from workbook.history.git import Git
from workbook.machine import MachineError, describe_fault, from_os_error
from workbook.project import Project
from workbook.replay.follow import Options
from workbook.replay.replay import replay
from workbook.replay.sandbox import Sandbox, SandboxError

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Makes a folder the one for temporary files."""

    def use(folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv("TMPDIR", str(folder))
        monkeypatch.setattr(tempfile, "tempdir", None)

    yield use
    monkeypatch.setattr(tempfile, "tempdir", None)


def refusal(folder: Path) -> str:
    """What a sandbox says that can't be made there, with nothing left behind."""
    with pytest.raises(SandboxError) as caught:
        Sandbox()

    assert list(folder.iterdir()) == []
    assert caught.value.place == str(folder)
    assert "TMPDIR" in (caught.value.remedy or "")
    return caught.value.what


def test_a_folder_too_deep_for_a_socket_is_refused_at_once(
    tmp_path: Path, temporary: Callable[[Path], None]
) -> None:
    deep = tmp_path / ("d" * 100)
    temporary(deep)

    assert "PostgreSQL's socket can't be there" in refusal(deep)


def test_a_full_folder_is_refused_at_once(
    tmp_path: Path, temporary: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**9, 10**9 - 1, 1))

    assert "0 MB are free" in refusal(tmp_path)


def test_a_folder_that_runs_no_program_is_refused_at_once(
    tmp_path: Path, temporary: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    temporary(tmp_path)
    monkeypatch.setattr(subprocess, "run", denied)

    assert "no program can be run there" in refusal(tmp_path)


def test_the_commands_of_a_room_use_the_folder_that_was_tried(
    temporary: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", "/nowhere/at/all")
    monkeypatch.setattr(tempfile, "tempdir", None)

    sandbox = Sandbox()
    sandbox.close()

    assert sandbox.environment["TMPDIR"] == tempfile.gettempdir() != "/nowhere/at/all"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("fatal: write error: No space left on device", "TMPDIR"),
        ("OSError: [Errno 122] Disk quota exceeded: '/x'", "TMPDIR"),
        ("error: failed to open file `/sandbox/x`: Permission denied (os error 13)", "your user"),
        ("cause: error sending request for url (https://x/simple/y/)", "a package"),
        ("cause: Network connectivity is disabled, but the requested data wasn't…", "a package"),
        ("hint: Packages were unavailable because the network was disabled. When…", "a package"),
        ("Because x was not found in the provided package locations and you…", "a package"),
    ],
)
def test_a_failure_of_the_machine_is_known_by_its_words(said: str, says: str) -> None:
    remedy = describe_fault(["", said], folder="/sandbox")

    assert remedy is not None
    assert says in remedy


def test_a_wheel_that_uv_can_not_have_is_the_machine_s_lack(project: Project) -> None:
    page = project.docs / "guide.md"
    command = "uv run --no-project --with starlette true"
    page.write_text(
        f"# Guide\n\n```console\n$ UV_OFFLINE=1 UV_CACHE_DIR=$PWD/../empty {command}\n```\n"
    )
    said: list[str] = []

    assert not all(
        result.good for result in replay(project, [page], Options(fresh=True), said.append)
    )

    assert "This machine lacks a package" in said[0]
    assert "STOPPED by the machine" in said[-1]


@pytest.mark.parametrize(
    ("said", "status"),
    [("bash: ./run.sh: Permission denied", 126), ("Connection refused", 7), ("", 1)],
)
def test_what_a_page_may_have_done_itself_stays_the_page_s(said: str, status: int) -> None:
    assert describe_fault([said], status=status, folder="/sandbox") is None


def test_a_crash_is_no_status_that_a_page_would_show() -> None:
    remedy = describe_fault([], status=134)

    assert remedy is not None
    assert "SIGABRT" in remedy


@pytest.mark.parametrize(
    "command",
    [
        "echo 'No space left on device' >&2; (exit 1)",
        "echo 'No space left on device' >&2",
        "exit 134",
    ],
)
def test_a_page_is_not_to_show_what_the_machine_fails_at(project: Project, command: str) -> None:
    page = project.docs / "guide.md"
    page.write_text(f"# Guide\n\n```console\n$ ({command})\n```\n")
    said: list[str] = []

    assert not all(
        result.good for result in replay(project, [page], Options(fresh=True), said.append)
    )

    assert "docs/guide.md: STOPPED by the machine at block 1 of 1" in said[-1]
    assert not any(word in said[0] for word in ("exit=N", "--accept", "orrect the page"))


def test_a_page_that_expects_such_words_is_held_to_the_rest(project: Project) -> None:
    page = project.docs / "guide.md"
    failing = "(echo 'No space left on device'; echo more)"
    page.write_text(f"# Guide\n\n```console\n$ {failing}\nNo space left on device\n```\n")
    said: list[str] = []

    assert not all(
        result.good for result in replay(project, [page], Options(fresh=True), said.append)
    )

    assert "--accept" in said[0]


def test_a_command_that_is_not_there_is_to_be_installed_or_corrected(project: Project) -> None:
    page = project.docs / "guide.md"
    page.write_text("# Guide\n\n```console\n$ no-such-command\n```\n")
    said: list[str] = []

    assert not all(
        result.good for result in replay(project, [page], Options(fresh=True), said.append)
    )

    assert "Install the command on this machine" in said[0]


def test_git_on_a_full_disk_is_not_taken_for_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "git"
    program.write_text(
        "#!/bin/sh\necho 'error: file write error: No space left on device' >&2; exit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with pytest.raises(MachineError, match="No space left") as caught:
        Git(tmp_path).run("am")

    assert "TMPDIR" in (caught.value.remedy or "")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EMFILE])
def test_a_failure_of_the_machine_ends_in_one_line_with_a_remedy(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.chdir(project.root)
    monkeypatch.setattr(tempfile, "mkdtemp", fail)

    assert main(["tags", "--check"]) == 1

    first, *rest = capsys.readouterr().err.splitlines()
    assert first == f"workbook: /somewhere: {os.strerror(number)}"
    assert rest
    assert all(line.startswith("  ") for line in rest)


def test_what_is_not_known_to_be_the_machine_s_keeps_its_traceback() -> None:
    assert from_os_error(FileNotFoundError(errno.ENOENT, "No such file")) is None
    assert from_os_error(socket.gaierror("x")) is None
