import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]


def runs_in(folder: str, process: psutil.Process) -> bool:
    """Tell whether it is a PostgreSQL with its data in a folder; it is nobody's child."""
    if process.info["name"] != "postgres":
        return False
    with suppress(psutil.NoSuchProcess):
        return any(word.startswith(folder) for word in process.cmdline())
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_ends_all_that_a_script_has_started(number: signal.Signals) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "scripts/load.py", "--transfers=1000000"],
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
