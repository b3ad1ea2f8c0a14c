"""What completes this command in a shell."""

from __future__ import annotations

import argparse

import shtab

from workbook.commands.table import full_parser
from workbook.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the shell."""
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh"), help="bash or zsh")


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Print the completion, to be read by the shell as it starts."""
    print(shtab.complete(full_parser(), shell=arguments.shell))
    return 0
