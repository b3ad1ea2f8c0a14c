"""The images that a project's Dockerfile and Compose file name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

__all__ = ["image_names"]

_FILES = ("Dockerfile", "docker-compose.yaml")
# `FROM name AS stage` in the one, `image: name` in the other. A stage's name has no tag.
_NAME = re.compile(r"^(?:FROM|\s+image:)\s+(?P<name>\S+:\S+)", re.MULTILINE)


def image_names(folder: Path) -> Sequence[str]:
    """The images that the files in `folder` name, in order; none where there are no such files."""
    files = [folder / name for name in _FILES if (folder / name).is_file()]
    return [found["name"] for file in files for found in _NAME.finditer(file.read_text("utf-8"))]
