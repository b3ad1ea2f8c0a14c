"""What an ending signal does, and what it leaves alone."""

import subprocess
import sys

HELD_BACK = """\
import os, signal
from workbook.signals import ENDING, interruptible

signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
for number in ENDING:
    os.kill(os.getpid(), number)
try:
    with interruptible():
        print("not interrupted")
except KeyboardInterrupt:
    print("interrupted")
print("once")
"""


def test_signals_that_come_together_are_one_interruption() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELD_BACK], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr, done.returncode) == ("interrupted\nonce\n", "", 0)
