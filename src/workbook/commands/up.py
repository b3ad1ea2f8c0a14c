"""The application and the site, served."""

from __future__ import annotations

import argparse

from workbook.project import Project
from workbook.serve import server

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the port, and what is served."""
    parser.add_argument("--port", type=_port, default=8000, help="where to listen (8000)")
    parser.add_argument("--reload", action="store_true", help="start again when the code changes")
    parser.add_argument(
        "--no-site", dest="site", action="store_false", help="serve the application alone"
    )


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Serve the application and the site until a signal comes."""
    server.up(
        project,
        port=arguments.port,
        reload=arguments.reload,
        site=arguments.site,
        report=_report,
    )
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is none of 0 to 65535")
    return port


# A function of the module, not a lambda: with --reload, it is pickled for a new process.
def _report(line: str) -> None:
    print(line, flush=True)
