"""The scripts that measure what must hold, in small."""

import os
import subprocess
import sys

from support.container_engine import ROOT

NOBODY = "http://127.0.0.1:9"
BEHIND_A_PROXY = os.environ | dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), NOBODY)


def run(script: str, *arguments: str) -> str:
    """Run a script behind a proxy that is none; it must end well. Give what it printed."""
    command = [sys.executable, str(ROOT / "scripts" / script), *arguments]
    done = subprocess.run(
        command, env=BEHIND_A_PROXY, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    return done.stdout


def test_every_answer_is_one_that_the_document_allows() -> None:
    printed = run("fuzz.py", "--requests=200")

    assert "requests, and nothing found" in printed


def test_nothing_is_lost_when_service_and_database_are_killed() -> None:
    printed = run("kills.py", "--service-kills=1", "--database-kills=1", "--clients=4")

    assert "service killed 1 times" in printed
    assert "PostgreSQL killed 1 times" in printed
    assert "       0  keys with more than one transfer" in printed


def test_requests_are_measured_on_a_small_table_and_on_a_large_one() -> None:
    # Few rounds on a busy machine say little of time: the limit is for the whole measurement.
    few = ["--small=300", "--large=3000", "--rounds=15", "--limit=100"]

    printed = run("growth.py", *few)

    assert "POST a transfer with a key" in printed
    assert "by OFFSET" in printed
