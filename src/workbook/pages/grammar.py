"""What an info string says: a block's language, its kind and its options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbook.errors import WorkbookError

__all__ = ["COPIED", "Info", "Kind", "PageError", "read_info"]

_INFO = re.compile(
    r'(?P<language>[a-z][a-z0-9+-]*)(?P<options>(?: +[a-z]+=(?:"[^"]*"|[^\s"]+))*) *'
)
_OPTION = re.compile(r'([a-z]+)=(?:"([^"]*)"|(\S+))')


class Kind(StrEnum):
    """What holds a block true; see docs/reference/grammar.md."""

    LISTING = "listing"
    EDIT = "edit"
    EXCERPT = "excerpt"
    TRANSCRIPT = "transcript"
    EXAMPLE = "example"
    ILLUSTRATION = "illustration"


COPIED = frozenset({Kind.LISTING, Kind.EDIT, Kind.EXCERPT})
"""The kinds that `workbook dev fill` writes."""

_UNTITLED = {
    "console": Kind.TRANSCRIPT,
    "python": Kind.EXAMPLE,
    "text": Kind.ILLUSTRATION,
    "mermaid": Kind.ILLUSTRATION,
}
_VALUES = {"exit": r"\d{1,3}", "run": "ci|slow", "needs": "docker|index"}


class PageError(WorkbookError):
    """A page breaks the grammar; the place names the line."""


@dataclass(frozen=True, slots=True)
class Info:
    """An info string that the grammar knows; `options` are those without the title."""

    language: str
    kind: Kind
    title: str | None
    options: Mapping[str, str]


def read_info(text: str, place: str) -> Info:
    """Read the text behind an opening fence. Raises `PageError`."""
    info = _INFO.fullmatch(text)
    if info is None:
        raise PageError(
            f"{text!r} is no language with options",
            place=place,
            remedy='Write it like ```python title="src/a.py" or ```console exit=1.',
        )
    options: dict[str, str] = {}
    for name, quoted, bare in _OPTION.findall(info["options"]):
        if name in options:
            raise PageError(f"{name}= stands here twice", place=place, remedy="Keep one.")
        options[name] = quoted or bare
    title = options.pop("title", None)
    kind = _kind(info["language"], title, place)
    for name, value in options.items():
        known = re.fullmatch(_VALUES.get(name, r"(?!)"), value)
        if kind is not Kind.TRANSCRIPT or not known:
            raise PageError(
                f"a {kind} has no option {name}={value}",
                place=place,
                remedy='There are title="path", and for a transcript exit=N, run=ci, run=slow, '
                "needs=docker, needs=index.",
            )
    return Info(info["language"], kind, title, options)


def _kind(language: str, title: str | None, place: str) -> Kind:
    if title is not None and language not in {"console", "mermaid"}:
        if "::" in title:
            return Kind.EXCERPT
        return Kind.EDIT if language == "diff" else Kind.LISTING
    if title is None and language in _UNTITLED:
        return _UNTITLED[language]
    shown = language if title is None else f'{language} title="…"'
    raise PageError(
        f"no kind of block is ```{shown}",
        place=place,
        remedy='A listing or an edit (diff) has a title="its/path"; without one there are '
        "console (runs), python (runs), text and mermaid.",
    )
