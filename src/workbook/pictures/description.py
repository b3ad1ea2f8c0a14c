"""The description of a picture: a TOML file, read into frozen records."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from workbook.errors import WorkbookError

__all__ = ["Arrow", "Box", "Boxes", "Part", "Picture", "Sequence", "Stations", "Step", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens in a sequence: at a column, from one to another, or to all of them.

    `open` and `close` begin and end a frame around what happens in between.
    """

    text: str = ""
    at: int = 0
    source: int = 0
    target: int = 0
    open: str = ""
    close: str = ""
    beside: bool = False
    """Whether it stands in the row of the step before it."""
    look: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Columns of time."""

    title: str = ""
    columns: list[str] = field(default_factory=list)
    steps: list[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box, with a second text below the first."""

    text: str
    more: str = ""
    look: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """An arrow between two boxes; `at` says where, in parts of what they share of an edge."""

    source: str
    target: str
    text: str = ""
    at: float = 0.5
    side: str = ""
    """`left` or `right`: around what lies in between."""
    dashed: bool = False
    refused: bool = False
    look: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """A grid of boxes. A name that comes again beside or below itself is one larger box."""

    title: str = ""
    rows: list[list[str]]
    widths: list[float] = field(default_factory=list)
    gap: float = 22
    """Between two columns."""
    drop: float = 30
    """Between two rows."""
    boxes: dict[str, Box]
    arrows: list[Arrow] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the book: what the service can do after each chapter, by the chapter's slug."""

    title: str
    chapters: dict[str, str] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stations:
    """The chapters as stations of a line; their numbers and titles are the chapters' own."""

    title: str = ""
    parts: list[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture, and what must be true for it not to have grown old.

    `quotes` are words of the pages that show it, `names` those of the service's source.
    """

    name: str
    title: str
    alt: str
    quotes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sections: list[Sequence | Boxes | Stations]


_SECTIONS = {"sequence": Sequence, "boxes": Boxes, "stations": Stations}
_INNER = {"steps": Step, "arrows": Arrow, "parts": Part, "boxes": Box}
_TABLES = {"boxes"}
_ALIASES = {"from": "source", "to": "target"}


def read(path: Path) -> Picture:
    """Read a description. Raises WorkbookError, without a place, for what it doesn't know."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WorkbookError(f"no TOML: {error}", remedy="Correct the file.") from error
    sections = [_section(table) for table in document.pop("section", [])]
    picture: Picture = _make(Picture, {**document, "name": path.stem, "sections": sections})
    return picture


def _section(table: dict[str, Any]) -> Sequence | Boxes | Stations:
    kind = table.pop("kind", "")
    if kind not in _SECTIONS:
        remedy = f"The kinds: {', '.join(_SECTIONS)}."
        raise WorkbookError(f"{kind!r} is no kind of section", remedy=remedy)
    section: Sequence | Boxes | Stations = _make(_SECTIONS[kind], table)
    return section


def _make(kind: Any, table: Mapping[str, Any]) -> Any:
    """Make a record of a table; TOML's values are of any type, so the record is."""
    known = {each.name: each for each in fields(kind)}
    values = {_ALIASES.get(key, key): value for key, value in table.items()}
    for key in values:
        if key not in known:
            remedy = f"It knows: {', '.join(known)}."
            raise WorkbookError(f"{kind.__name__} has no {key!r}", remedy=remedy)
    for name, each in known.items():
        if name not in values and each.default is MISSING and each.default_factory is MISSING:
            raise WorkbookError(f"a {kind.__name__} has no {name!r}", remedy=f"Give it {name!r}.")
    for key, inner in _INNER.items():
        if key in values and key in _TABLES:
            values[key] = {name: _make(inner, each) for name, each in values[key].items()}
        elif key in values:
            values[key] = [_make(inner, each) for each in values[key]]
    return kind(**values)
