"""A small measure of what ``scripts/load.py`` does by the thousand."""

import subprocess
import sys

import pytest
from container_engine import ROOT


@pytest.mark.commits
def test_many_clients_leave_the_books_in_balance() -> None:
    sizes = ["--clients=16", "--accounts=4", "--transfers=200"]
    command = [sys.executable, "scripts/load.py", *sizes]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "       0  discrepancies" in run.stdout
