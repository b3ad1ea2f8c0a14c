"""Where things are: the folder that holds the site, the chapters and what the workbook builds."""

from __future__ import annotations

import os
import pwd
import shlex
from dataclasses import dataclass
from pathlib import Path

from workbook.atomic import write_text
from workbook.errors import WorkbookError

__all__ = ["Project"]


@dataclass(frozen=True, slots=True)
class Project:
    """A working tree of this repository: a clone, a shallow clone or an unpacked download."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project that holds `start` (the current folder, if not given)."""
        begin = (start or Path.cwd()).resolve()
        for folder in (begin, *begin.parents):
            if (folder / "mkdocs.yml").is_file() and (folder / "docs" / "evolution").is_dir():
                return cls(folder)
        raise WorkbookError(
            "no workbook here: neither this folder nor one above it holds mkdocs.yml and "
            "docs/evolution",
            place=str(begin),
            remedy="Change to a clone of fastapi-single-process and try again.",
        )

    @property
    def docs(self) -> Path:
        """The site's pages."""
        return self.root / "docs"

    @property
    def evolution(self) -> Path:
        """The chapters' folders: each a page and the patches of its steps."""
        return self.docs / "evolution"

    @property
    def state(self) -> Path:
        """The folder of everything that the workbook generates."""
        return self.root / ".workbook"

    @property
    def history(self) -> Path:
        """The bare repository that `workbook tags` builds from the patches."""
        return self.state / "history"

    @property
    def is_clone(self) -> bool:
        """Whether this folder is itself a git working tree, not one nested in a foreign tree."""
        return (self.root / ".git").exists()

    def place(self, path: Path, line: int | None = None) -> str:
        """`path` as a message names it: relative to the root, with forward slashes."""
        inside = path.is_relative_to(self.root)
        name = (path.relative_to(self.root) if inside else path).as_posix()
        return name if line is None else f"{name}:{line}"

    def make_state(self) -> Path:
        """Create the folder of generated things; it tells git to ignore it, by itself."""
        ignore = self.state / ".gitignore"
        self._refuse_root_in_the_clone_of_another()
        try:
            self.state.mkdir(exist_ok=True)
            if not ignore.is_file() or ignore.read_bytes() != b"*\n":
                write_text(ignore, "*\n")
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        if not os.access(self.state, os.W_OK | os.X_OK):
            raise self._unwritable("Permission denied")
        return self.state

    def _refuse_root_in_the_clone_of_another(self) -> None:
        """What root makes in a user's clone, the user can neither change nor take away."""
        if os.geteuid() != 0 or (owner := self.root.stat().st_uid) == 0:
            return
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"#{owner}"
        raise WorkbookError(
            f"this folder belongs to {name}, and root would make files in it",
            place=str(self.root),
            remedy=f"Run the command as {name} (`sudo -u {shlex.quote(name)} …`), or in a clone of "
            "root's own.",
        )

    def _unwritable(self, reason: str) -> WorkbookError:
        remedy = "Make the project's folder writable, or work in a copy of it."
        if self.state.is_dir() and self.state.stat().st_uid != os.geteuid():
            remedy = (
                "Somebody else made it, and all in it can be made again: "
                f"`sudo rm -r {shlex.quote(str(self.state))}`."
            )
        return WorkbookError(
            f"the workbook can't write its own folder: {reason}",
            place=str(self.state),
            remedy=remedy,
        )
