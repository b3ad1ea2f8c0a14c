"""The messages of commits as `git am` reads them: a patch is a mail, with the rules of mails."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workbook.history.branch import Commit
from workbook.history.git import Git, GitError
from workbook.history.steps import SeriesError

__all__ = ["uncarried"]


def uncarried(patches: Sequence[Path], commits: Sequence[Commit]) -> SeriesError | None:
    """The first message that its patch ends early, or takes for something else."""
    for commit, patch in zip(commits, patches, strict=True):
        wanted = [line.rstrip() for line in commit.text.strip().splitlines()]
        carried = [line.rstrip() for line in _message(patch).splitlines()]
        if wanted == carried:
            continue
        lines = enumerate(wanted)
        lost = next((i for i, line in lines if line and carried[i : i + 1] != [line]), 0)
        if lost == 0 and len(wanted) > 2:
            lost = 2  # a header at the start of the body has taken the subject's place
        return SeriesError(
            f"a patch can't carry line {lost + 1} of the message: {wanted[lost]!r}",
            place=f"commit {commit.id[:10]} “{commit.subject}”",
            remedy="Reword it (`git rebase -i`, `reword`): no line of a message may look like a "
            "part of a mail\nor of a patch (`---`, `diff --git`, `From …`, or `From:` at the "
            "start of the body); indent it, for instance.",
        )
    return None


def _message(patch: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="workbook-mail-") as folder:
        git = Git(Path(folder))
        try:
            git.run("mailsplit", "--keep-cr", "-o.", str(patch))
            mail = (Path(folder) / "0001").read_bytes()
            info = git.run("mailinfo", "-k", "--no-scissors", "body", "patch", stdin=_text(mail))
        except GitError:
            return ""
        body = _text((Path(folder) / "body").read_bytes())
    subject = re.search(r"^Subject: (.*)$", info, re.MULTILINE)
    return f"{subject[1] if subject else ''}\n\n{body}".strip()


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
