"""The newest uv that the index gives, and the newest Python that is here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from workbook.replay.shell import Outcome
from workbook.rot.reasons import first_reason

__all__ = ["newest_python", "newest_uv"]

# Not in a project's folder: its settings are about its own packages.
_UV = (
    "(cd / && uv tool run --quiet --from uv@latest "
    "python -c 'from uv import find_uv_bin; print(find_uv_bin())')"
)
_PYTHONS = "uv python list --only-installed --output-format json 2>/dev/null"

type Run = Callable[[str], Outcome]


def newest_uv(run: Run) -> tuple[Path | None, str]:
    """The program, or None and the reason why the index doesn't give it."""
    asked = run(_UV)
    if asked.status != 0:
        return None, first_reason(asked.output)
    return Path(asked.output.split()[-1]), ""


def newest_python(run: Run, admitted: str) -> str | None:
    """The path of the newest CPython here of those that `admitted` (`>=3.13`) admits."""
    specifiers = SpecifierSet(admitted)
    found = [
        (Version(python["version"]), str(python["path"]))
        for python in json.loads(run(_PYTHONS).output or "[]")
        if python["implementation"] == "cpython" and python["variant"] == "default"
    ]
    fitting = [each for each in found if specifiers.contains(each[0], prereleases=False)]
    return max(fitting)[1] if fitting else None
