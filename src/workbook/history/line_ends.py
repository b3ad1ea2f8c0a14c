"""The line ends of a clone's files: plain line feeds, whatever the user's git converts."""

from __future__ import annotations

from workbook.history.git import Git
from workbook.machine import MachineError
from workbook.project import Project

__all__ = ["LineEndError", "refuse_converted"]


class LineEndError(MachineError):
    """The clone's files have other line ends than the repository's."""


def refuse_converted(project: Project) -> None:
    """Raise `LineEndError` if git has converted line ends, as it did before `.gitattributes`."""
    if not project.is_clone:
        return
    listed = Git(project.root, users_settings=True).run("ls-files", "--eol", "-z")
    records = [record.split("\t", 1) for record in listed.split("\0")[:-1]]
    converted = [path for about, path in records if _is_converted(*about.split()[:2])]
    if converted:
        raise LineEndError(
            f"{len(converted)} files have the clone's line ends, not the repository's: "
            f"{converted[0]} is the first",
            place=str(project.root),
            remedy="Commit or stash your changes, then let git write all files anew:\n"
            "git rm -r --quiet --cached . && git reset --quiet --hard",
        )


def _is_converted(stored: str, here: str) -> bool:
    return stored == "i/lf" and here in {"w/crlf", "w/mixed"}
