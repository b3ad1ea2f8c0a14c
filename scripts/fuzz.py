"""Let Schemathesis make up requests, and hold every answer to the OpenAPI document.

A server error, an answer that the document doesn't have, or an error that is no problem document
ends it with 1. The service has a process and a database of its own.

    uv run python scripts/fuzz.py --requests 10000
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from service import ROOT, Service, database

__all__ = ["main"]


def ask(address: str, examples: int, report: Path) -> bool:
    """Run Schemathesis and tell whether it found nothing."""
    command = ["schemathesis", f"--config-file={ROOT / 'schemathesis.toml'}", "run"]
    options = [f"--max-examples={examples}", "--workers=2", "--max-failures=1"]
    reports = ["--report=json", f"--report-json-path={report}"]
    arguments = [*command, *options, *reports, f"{address}/openapi.json"]
    past_proxies = os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return subprocess.run(arguments, env=past_proxies, check=False).returncode == 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, and ask more and more until it is enough."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=10_000, metavar="N")
    wanted, total = parser.parse_args(arguments).requests, 0
    examples = max(1, wanted // 20)
    with database() as postgres, TemporaryDirectory() as folder:
        service = Service(postgres)
        with service.running():
            while total < wanted:
                report = Path(folder) / "report.json"
                if not ask(service.address, examples, report):
                    return 1
                total += json.loads(report.read_text())["test_cases"]["generated"]
                print(f"{total} requests, and nothing found", flush=True)
                examples *= 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
