"""One bash for a page: it remembers, it reports, and it leaves nothing behind."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from workbook.replay.shell import Shell, ShellError

ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
LIMIT = 60
# Tells its number and its readiness, and doesn't let SIGTERM end it.
STUBBORN = (
    f"{sys.executable} -uc 'import os, signal, time; "
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid()); time.sleep(600)'"
)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    sandbox = tmp_path / "sandbox"
    work = sandbox / "work"
    work.mkdir(parents=True)
    shell = Shell(sandbox / "shell", work, ENVIRONMENT)
    yield shell
    shell.close(grace=1)


def test_a_command_reports_its_status_and_both_streams_in_order(shell: Shell) -> None:
    outcome = shell.run("echo out; echo err >&2; echo again; (exit 3)", limit=LIMIT)

    assert (outcome.status, outcome.output) == (3, "out\nerr\nagain\n")


def test_a_shell_remembers_folder_and_variables(shell: Shell) -> None:
    shell.run("mkdir inner && cd inner && name=value", limit=LIMIT)

    assert shell.run('echo "$name" $(basename $PWD)', limit=LIMIT).output == "value inner\n"
    assert shell.cwd.name == "inner"


def test_a_command_of_several_lines_is_one_command(shell: Shell) -> None:
    outcome = shell.run("cat <<'END'\n$ one\ntwo\nEND", limit=LIMIT)

    assert outcome.output == "$ one\ntwo\n"


def test_a_command_reads_nothing(shell: Shell) -> None:
    assert shell.run("cat", limit=LIMIT).output == ""


def test_bash_speaks_as_it_does_to_a_reader(shell: Shell) -> None:
    outcome = shell.run("no-such-command", limit=LIMIT)

    assert (outcome.status, outcome.output) == (127, "bash: no-such-command: command not found\n")


def test_colours_and_progress_are_left_out(shell: Shell) -> None:
    outcome = shell.run(r"printf '\033[31mred\033[0m\n 10%%\r100%%\n'", limit=LIMIT)

    assert outcome.output == "red\n100%\n"


def test_a_command_that_hangs_is_ended_and_its_output_shown(tmp_path: Path, shell: Shell) -> None:
    with pytest.raises(ShellError, match=r"no end within 0\.5 s") as caught:
        shell.run("echo before; echo $$ >pid; sleep 600", limit=0.5)

    assert caught.value.output == "before\n"
    assert caught.value.remedy


def test_a_command_that_ends_the_shell_is_reported(shell: Shell) -> None:
    with pytest.raises(ShellError, match="took the page's shell") as caught:
        shell.run("echo before; exit 0", limit=LIMIT)

    assert caught.value.output == "before\n"


def test_a_command_in_the_background_is_awaited_until_it_is_ready(shell: Shell) -> None:
    command = "(echo starting; until [ -e go ]; do sleep 0.01; done; echo ready; sleep 600) &"
    Path(shell.cwd, "go").touch()

    outcome = shell.start(command, is_ready=lambda said: "ready" in said, limit=LIMIT)

    assert outcome.output == "starting\nready\n"


def test_a_command_in_the_background_that_dies_is_not_awaited(shell: Shell) -> None:
    command = "(echo broken; exit 1) &"

    outcome = shell.start(command, is_ready=lambda said: "ready" in said, limit=3600)

    assert outcome.output == "broken\n"


def test_the_end_of_a_job_is_no_output_of_the_next_command(shell: Shell) -> None:
    shell.start("sleep 600 &", is_ready=lambda said: True, limit=LIMIT)

    assert shell.run("kill %1; wait; echo done", limit=LIMIT).output == "done\n"


@pytest.mark.parametrize(
    "command", ["", "setsid ", "exec setsid ", "env -u WORKBOOK_SANDBOX setsid "]
)
def test_what_a_command_started_is_gone_after_the_end(tmp_path: Path, command: str) -> None:
    sandbox = tmp_path / "sandbox"
    (sandbox / "work").mkdir(parents=True)
    shell = Shell(sandbox / "shell", sandbox / "work", ENVIRONMENT)
    outcome = shell.start(
        f"({command}{STUBBORN}) &", is_ready=lambda said: said.endswith("\n"), limit=LIMIT
    )
    process = psutil.Process(int(outcome.output))

    shell.close(grace=0.2)

    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_server_is_asked_to_stop_before_it_is_made_to(tmp_path: Path) -> None:
    sandbox = tmp_path / "sandbox"
    (sandbox / "work").mkdir(parents=True)
    shell = Shell(sandbox / "shell", sandbox / "work", ENVIRONMENT)
    command = "(trap 'echo stopped >said; exit' TERM; echo ready; while :; do sleep 0.01; done) &"
    shell.start(command, is_ready=lambda said: "ready" in said, limit=LIMIT)

    shell.close(grace=LIMIT)

    assert (sandbox / "work" / "said").read_text() == "stopped\n"


def test_processes_of_others_are_left_alone(tmp_path: Path, shell: Shell) -> None:
    sandbox = tmp_path / "other"
    (sandbox / "work").mkdir(parents=True)
    other = Shell(sandbox / "shell", sandbox / "work", ENVIRONMENT)
    outcome = shell.start(f"{STUBBORN} &", is_ready=lambda said: said != "", limit=LIMIT)

    other.close(grace=0.2)

    assert psutil.Process(int(outcome.output)).is_running()


def test_a_port_of_a_server_is_free_after_the_end(tmp_path: Path) -> None:
    sandbox = tmp_path / "sandbox"
    (sandbox / "work").mkdir(parents=True)
    shell = Shell(sandbox / "shell", sandbox / "work", ENVIRONMENT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = f"{sys.executable} -um http.server --bind 127.0.0.1 {port} &"
    said = shell.start(command, is_ready=lambda said: "Serving" in said, limit=LIMIT).output
    assert "Serving" in said

    shell.close()

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
