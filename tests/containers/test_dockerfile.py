"""What the image is told, which no short test can wait for."""

import json
import re
from pathlib import Path

DOCKERFILE = Path(__file__).parents[2] / "Dockerfile"


def test_a_connection_is_kept_for_longer_than_a_load_balancer_keeps_it() -> None:
    command: list[str] = json.loads(re.findall("^CMD (.+)$", DOCKERFILE.read_text(), re.M)[-1])

    seconds = command[command.index("--timeout-keep-alive") + 1]

    assert int(seconds) > 60
