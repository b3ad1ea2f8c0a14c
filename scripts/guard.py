"""A process that ends what a script has started once the script is gone, even by SIGKILL.

It waits for the end of its input, which comes however the script ends.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

__all__ = ["Guard", "guard"]


class Guard:
    """What a script tells its guard."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take the guard's process."""
        self._process = process

    def watch(self, pid: int) -> None:
        """Have a process killed when this one is gone."""
        assert self._process.stdin
        print(pid, file=self._process.stdin, flush=True)


@contextmanager
def guard(folder: Path) -> Iterator[Guard]:
    """Guard the PostgreSQL whose data are in a folder; it goes with the folder above it."""
    # In a session of its own: what is sent to the script's group isn't meant for it.
    command = [sys.executable, __file__, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True) as one:
        yield Guard(one)


def main(data: Path) -> None:
    """Read process numbers until the input ends, then end what is left."""
    watched = []
    for line in sys.stdin:
        with suppress(psutil.NoSuchProcess):
            watched.append(psutil.Process(int(line)))
    with suppress(OSError, ValueError, IndexError, psutil.NoSuchProcess):
        server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        watched += [server, *server.children()]
    for process in watched:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(watched, timeout=10)
    shutil.rmtree(data.parent, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
