"""What a picture is drawn with: boxes, arrows, text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot
from xml.sax.saxutils import escape, quoteattr

from workbook.pictures.lettering import Line, measure
from workbook.pictures.style import FONT, LINE, WIDTH, css

__all__ = ["Canvas", "Point", "Rect"]

type Point = tuple[float, float]

HEAD = 9  # the length of an arrow's head


@dataclass(frozen=True, slots=True)
class Rect:
    """A place on the canvas, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """The middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(slots=True)
class Canvas:
    """Collects what is drawn: `behind` what lies under everything else, `marks` the rest."""

    behind: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def rect(self, rect: Rect, kind: str, *, behind: bool = False, corner: float = 5) -> None:
        """Draw a rectangle; `kind` is its classes of the style sheet."""
        place = _attributes(x=rect.x, y=rect.y, width=rect.width, height=rect.height, rx=corner)
        (self.behind if behind else self.marks).append(f'<rect class="{kind}" {place}/>')

    def circle(self, centre: Point, radius: float, kind: str) -> None:
        """Draw a circle."""
        place = _attributes(cx=centre[0], cy=centre[1], r=radius)
        self.marks.append(f'<circle class="{kind}" {place}/>')

    def text(
        self, at: Point, lines: Sequence[Line], kind: str = "", anchor: str = "middle"
    ) -> None:
        """Write lines, the first with its middle at the height of `at`."""
        x, y = at
        for number, line in enumerate(lines):
            spans = "".join(
                f'<tspan class="code">{escape(run.text)}</tspan>' if run.code else escape(run.text)
                for run in line
            )
            place = _attributes(x=x, y=y + number * LINE + FONT * 0.35)
            named = f'class="{kind}" ' if kind else ""
            self.marks.append(f'<text {named}text-anchor="{anchor}" {place}>{spans}</text>')

    def label(
        self, at: Point, lines: Sequence[Line], kind: str = "", anchor: str = "middle"
    ) -> None:
        """Write lines that hide what they stand on, such as an arrow's."""
        width = max((measure(line, soft=True, strong=bool(kind)) for line in lines), default=0)
        left = at[0] - (width / 2 if anchor == "middle" else 0)
        plate = Rect(left - 2, at[1] - LINE / 2, width + 4, len(lines) * LINE)
        self.rect(plate, "paper", corner=0)
        self.text(at, lines, f"soft {kind}".strip(), anchor)

    def path(self, points: Sequence[Point], kind: str = "line", *, behind: bool = False) -> None:
        """Draw a line through points."""
        places = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
        (self.behind if behind else self.marks).append(f'<path class="{kind}" d="M{places}"/>')

    def arrow(self, points: Sequence[Point], kind: str = "") -> None:
        """Draw a line with a head at its end."""
        (x1, y1), (x2, y2) = points[-2:]
        length = hypot(x2 - x1, y2 - y1)
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        neck = (x2 - ux * HEAD, y2 - uy * HEAD)
        self.path([*points[:-1], neck], f"line {kind}".strip())
        half = HEAD / 2
        corners = [
            (x2, y2),
            (neck[0] - uy * half, neck[1] + ux * half),
            (neck[0] + uy * half, neck[1] - ux * half),
        ]
        places = " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)
        look = " look" if "look" in kind.split() else ""
        self.marks.append(f'<polygon class="head{look}" points="{places}"/>')

    def cross(self, at: Point) -> None:
        """Strike something out: what mustn't be, or gets lost."""
        (x, y), arm = at, 7
        self.path([(x - arm, y - arm), (x + arm, y + arm)], "line look")
        self.path([(x - arm, y + arm), (x + arm, y - arm)], "line look")

    def finish(self, height: float, *, title: str, alt: str) -> str:
        """Give the whole SVG."""
        high = _number(height)
        size = f'width="{WIDTH}" height="{high}" viewBox="0 0 {WIDTH} {high}"'
        place = _attributes(x=0, y=0, width=WIDTH, height=height, rx=6)
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"'
            f" aria-label={quoteattr(title)}>",
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(alt)}</desc>",
            f"<style>\n{css()}</style>",
            f'<rect class="paper" {place}/>',
            *self.behind,
            *self.marks,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _attributes(**values: float) -> str:
    return " ".join(f'{name}="{_number(value)}"' for name, value in values.items())
