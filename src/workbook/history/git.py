"""The only place that runs git, out of reach of the user's configuration and environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.machine import MachineError, describe_fault

__all__ = ["EMPTY_TREE", "Git", "GitError"]

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

# Command-line settings win over every file, the repository's own `.git/config` included.
_ALWAYS = {
    "advice.detachedHead": "false",
    "commit.gpgSign": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.quotePath": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "tag.gpgSign": "false",
}
_ISOLATED = {
    "am.threeWay": "false",
    "apply.ignoreWhitespace": "no",
    "apply.whitespace": "nowarn",
    "color.ui": "false",
    "core.abbrev": "10",
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.excludesFile": os.devnull,
    "core.safecrlf": "false",
    "diff.algorithm": "myers",
    "diff.context": "3",
    "diff.indentHeuristic": "true",
    "diff.interHunkContext": "0",
    "diff.mnemonicPrefix": "false",
    "diff.noprefix": "false",
    "diff.orderFile": os.devnull,
    "diff.renames": "false",
    "diff.suppressBlankEmpty": "false",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
    "init.defaultBranch": "evolution",
    "init.defaultObjectFormat": "sha1",
    "init.defaultRefFormat": "files",
    "init.templateDir": "",
    "log.showSignature": "false",
    "mailinfo.scissors": "false",
}


class GitError(WorkbookError):
    """git refused; the message is git's own."""


@dataclass(frozen=True, slots=True)
class Git:
    """git in `directory`: the top of a working tree or a bare repository, never a folder within.

    Isolated by default: no configuration but the repository's own and ours, no `GIT_*` variable
    of the caller. With `users_settings`, the user's configuration counts as well, because only
    it knows how the user's files were checked out and whom the user trusts (`safe.directory`);
    hooks and signing stay off even then.
    """

    directory: Path
    users_settings: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """What git prints; bytes that are no UTF-8 survive as surrogate escapes."""
        given = None if stdin is None else stdin.encode("utf-8", "surrogateescape")
        return self.read(*arguments, stdin=given).decode("utf-8", "surrogateescape")

    def read(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """What git prints, as it is. Raises `GitError` with git's own words, or `MachineError`."""
        settings = _ALWAYS if self.users_settings else _ALWAYS | _ISOLATED
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        try:
            done = subprocess.run(
                ["git", *options, *arguments],
                cwd=self.directory,
                env=self._environment(),
                input=b"" if stdin is None else stdin,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise self._not_started() from error
        if done.returncode != 0:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
            what, place = f"git {arguments[0]} failed: {said}", str(self.directory)
            # No `GitError`, whose cause is sought in the patches.
            if (remedy := describe_fault(said.splitlines(), folder="")) is not None:
                raise MachineError(what, place=place, remedy=remedy)
            raise GitError(what, place=place)
        return done.stdout

    def having(self, **variables: str) -> Git:
        """The same, with more environment variables."""
        return Git(self.directory, self.users_settings, {**self.environment, **variables})

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_")
            or (self.users_settings and name.startswith("GIT_CONFIG"))
        }
        kept.pop("LANGUAGE", None)
        kept |= {
            "GIT_ATTR_NOSYSTEM": "1",
            # A repository above this folder is somebody else's.
            "GIT_CEILING_DIRECTORIES": str(self.directory.resolve().parent),
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        if not self.users_settings:
            kept |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        return {**kept, **self.environment}

    def _not_started(self) -> GitError:
        if not self.directory.is_dir():
            return GitError("there is no such folder", place=str(self.directory))
        return GitError(
            "git isn't installed, or isn't on the PATH",
            remedy="Install git 2.34 or later and try again.",
        )
