"""The images that a working tree names, pinned."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbook.project import Project
from workbook.rot.images import pin_images

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the working tree."""
    parser.description = (
        "Asks the image registries, through docker's buildx, which digests the tags "
        "in Dockerfile and docker-compose.yaml stand for today, and writes them behind the tags. "
        "A machine that reaches no registry can neither run this nor build what it has pinned."
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="a working tree of the steps")


def run(project: Project, arguments: argparse.Namespace) -> int:
    """Pin the images, and print what they are pinned to."""
    for pin in pin_images(arguments.folder):
        outcome = "written" if pin.moves else "already there"
        print(f"{pin.file:<20} {pin.pinned}  {outcome}")
    return 0
