"""Follows a page that is no chapter, in a clone of the project as it is here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from workbook.history.build import EMAIL, NAME
from workbook.history.git import Git
from workbook.history.line_ends import refuse_converted
from workbook.pages.blocks import Block, Kind
from workbook.pages.expected_text import page_text
from workbook.pages.transcript import Command
from workbook.project import Project
from workbook.replay.edits import FOLDER, apply_edit, hold, write_listing
from workbook.replay.packages import LOCKED, download
from workbook.replay.reader import LIMIT, Reader

__all__ = ["GuideReader", "project_files"]


class GuideReader(Reader):
    """A page that is no chapter, in a clone of the project as it is here."""

    def __init__(
        self,
        project: Project,
        page: Path,
        *,
        accept: bool = False,
        slow: bool = False,
        limit: float = LIMIT,
    ) -> None:
        """Read the page."""
        super().__init__(page, accept=accept, slow=slow, limit=limit)
        self._project = project

    def prepare(self) -> Path:
        """Copy the working tree, and commit it to `main` of a new repository."""
        refuse_converted(self._project)
        locked = [self._project.root / name for name in LOCKED]
        if all(file.is_file() for file in locked):
            download(*(file.read_bytes() for file in locked))
        clone = self.sandbox.work / FOLDER
        clone.mkdir()
        for path in project_files(self._project):
            target = clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._project.root / path, target, follow_symlinks=False)
        git = Git(clone).having(
            GIT_AUTHOR_NAME=NAME,
            GIT_AUTHOR_EMAIL=EMAIL,
            GIT_COMMITTER_NAME=NAME,
            GIT_COMMITTER_EMAIL=EMAIL,
        )
        git.run("init", "--quiet", "--initial-branch=main")
        git.run("add", "--all", "--force")
        git.run("commit", "--quiet", "--message=The project as it is")
        return clone

    def copy(self, block: Block, number: int) -> None:
        """Hold a listing to the project's tree; write what the tree doesn't have."""
        wanted = page_text(self._project, block)
        if wanted is not None:
            hold(block, wanted)
        elif block.kind is Kind.EDIT:
            apply_edit(self.top(), block)
        else:
            write_listing(self.top(), block)

    def before(self, command: Command, block: Block) -> None:
        """Nothing more: only chapters have steps to take from."""

    def after(self, command: Command, block: Block) -> None:
        """Nothing more: only chapters have steps."""

    def finish(self) -> None:
        """Nothing more: such a page may leave its clone as it likes."""


def project_files(project: Project) -> Iterator[Path]:
    """The project's files that git doesn't ignore, committed or not."""
    git = Git(project.root)
    if not project.is_clone:
        for path in project.root.rglob("*"):
            inside = path.relative_to(project.root)
            if path.is_file() and not {".venv", ".workbook", ".data"} & set(inside.parts):
                yield inside
        return
    listed = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in sorted(set(listed.split("\0")[:-1])):
        path = project.root / name
        if path.is_file() or path.is_symlink():
            yield Path(name)
