"""A small measure of what ``scripts/load.py`` does by the thousand."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from support.container_engine import ROOT

SIZES = ["--clients=16", "--accounts=4", "--transfers=200"]
NOBODY = "http://127.0.0.1:9"
LOAD = [sys.executable, "scripts/load.py"]


@pytest.mark.commits
def test_many_clients_leave_the_books_in_balance_whatever_the_proxy_of_the_environment() -> None:
    behind = os.environ | {"http_proxy": NOBODY, "HTTP_PROXY": NOBODY, "all_proxy": NOBODY}
    run = subprocess.run(
        [*LOAD, *SIZES], cwd=ROOT, env=behind, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "       0  discrepancies" in run.stdout


def test_a_service_that_does_not_start_is_told_at_once_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise SystemExit(3)")
    broken = os.environ | {"PYTHONPATH": str(tmp_path)}

    run = subprocess.run(
        LOAD, cwd=ROOT, env=broken, capture_output=True, text=True, check=False, timeout=120
    )

    assert run.returncode == 1
    assert run.stderr == "the service ended with status 3 before it answered\n"


def runs_in(folder: str, process: psutil.Process) -> bool:
    """Tell whether it is a PostgreSQL with its data in a folder; it is nobody's child."""
    if process.info["name"] != "postgres":
        return False
    with suppress(psutil.NoSuchProcess):
        return any(word.startswith(folder) for word in process.cmdline())
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_ends_all_that_it_has_started(number: signal.Signals) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [*LOAD, "--transfers=1000000"],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        ) as script,
    ):
        assert script.stdout
        assert script.stdout.readline().endswith("transfers left\n")
        started = psutil.Process(script.pid).children(recursive=True)
        servers = [process for process in psutil.process_iter(["name"]) if runs_in(folder, process)]
        assert started
        assert [process.name() for process in servers] == ["postgres"]
        started += [*servers, *servers[0].children()]

        script.send_signal(number)

        assert script.wait(timeout=60) in (128 + number, -number)
        gone, alive = psutil.wait_procs(started, timeout=60)
        assert (len(gone), alive) == (len(started), [])
        assert list(Path(folder).glob("tmp*")) == []
