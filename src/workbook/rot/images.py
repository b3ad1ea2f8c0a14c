"""The images that a project's Dockerfile and Compose file name, and the digests that pin them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbook.atomic import write_text
from workbook.errors import WorkbookError

__all__ = ["Pin", "image_names", "pin_images"]

_FILES = ("Dockerfile", "docker-compose.yaml")
# `FROM name AS stage` in the one, `image: name` in the other. A stage's name has no tag.
_NAME = re.compile(r"^(?P<before>(?:FROM|\s+image:)\s+)(?P<name>\S+:\S+)", re.MULTILINE)
# Of the list of all platforms, not of this machine's image.
_INSPECT = ("docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}")


@dataclass(frozen=True, slots=True)
class Pin:
    """An image as a file names it, and the digest that its tag stands for today."""

    file: str
    image: str
    digest: str

    @property
    def pinned(self) -> str:
        """The image by its tag, for people, and by its digest, which the engine goes by."""
        return f"{self.image.partition('@')[0]}@{self.digest}"

    @property
    def moves(self) -> bool:
        """Whether the file names the image without this digest."""
        return self.image != self.pinned


def image_names(folder: Path) -> Sequence[str]:
    """The images that the files in `folder` name, in order; none where there are no such files."""
    return [image for _, image in _named(folder)]


def pin_images(folder: Path) -> Sequence[Pin]:
    """Ask the registries which digests the tags stand for today, and write them into the files.

    Raises `WorkbookError`, and has written nothing, if the folder names no image or one of them
    can't be asked for.
    """
    pins = [Pin(file.name, image, _ask(image)) for file, image in _named(folder)]
    if not pins:
        raise WorkbookError(
            f"no image is named here, neither in {_FILES[0]} nor in {_FILES[1]}",
            place=str(folder),
            remedy="Name the folder of a working tree from phase 4 on.",
        )
    pinned = {pin.image: pin.pinned for pin in pins}
    for file in sorted({folder / pin.file for pin in pins}):
        text = file.read_text(encoding="utf-8")
        text = _NAME.sub(lambda found: found["before"] + pinned[found["name"]], text)
        write_text(file, text)
    return pins


def _named(folder: Path) -> list[tuple[Path, str]]:
    files = [folder / name for name in _FILES if (folder / name).is_file()]
    return [
        (file, found["name"])
        for file in files
        for found in _NAME.finditer(file.read_text(encoding="utf-8"))
    ]


def _ask(image: str) -> str:
    tag = image.partition("@")[0]
    try:
        done = subprocess.run([*_INSPECT, tag], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise _unanswered(tag, "docker isn't installed, or isn't on the PATH") from None
    digest = done.stdout.strip()
    if not re.fullmatch("sha256:[0-9a-f]{64}", digest):
        raise _unanswered(tag, (done.stderr or done.stdout).strip() or "it printed nothing")
    return digest


def _unanswered(tag: str, said: str) -> WorkbookError:
    return WorkbookError(
        f"the digest can't be had: {said}",
        place=tag,
        remedy="This asks the image's registry, through docker with its buildx plug-in.",
    )
