"""The command with which the image asks how it is, run without a container."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from support.container_engine import ROOT

HEALTHCHECK = re.compile(r"^HEALTHCHECK .*?CMD (\[.*?\])$", re.DOTALL | re.MULTILINE)
NOBODY = "http://127.0.0.1:9"  # the port of discard
PROXY = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), NOBODY)


class Answering(BaseHTTPRequestHandler):
    """Answers every path alike."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test's output free of requests."""


@pytest.fixture
def port() -> Iterator[int]:
    """Give the port of a server on this machine."""
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def check_health(port: int) -> int:
    """Run the image's command on another port, behind a proxy, and give its status."""
    [command] = HEALTHCHECK.findall((ROOT / "Dockerfile").read_text())
    python, *arguments = json.loads(command.replace(":8000/", f":{port}/"))
    assert python == "python"
    return subprocess.run(
        [sys.executable, *arguments], env=PROXY, capture_output=True, check=False
    ).returncode


def test_the_service_is_asked_without_the_proxy_of_the_environment(port: int) -> None:
    assert check_health(port) == 0


def test_an_answer_that_is_an_error_is_unhealthy(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answering, "status", 503)

    assert check_health(port) == 1
