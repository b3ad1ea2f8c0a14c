"""Boxes in rows and columns, and the arrows between them."""

from dataclasses import dataclass

from workbook.errors import WorkbookError
from workbook.pictures.canvas import Canvas, Point, Rect
from workbook.pictures.description import Arrow, Box, Boxes
from workbook.pictures.lettering import Line, wrap
from workbook.pictures.style import LINE, MARGIN, WIDTH

__all__ = ["draw_boxes"]

PAD = 10  # from a box's edge to its text
AROUND = 22  # what an arrow needs at a side
SHIFT = 6  # from an arrow to the text beside it


def draw_boxes(canvas: Canvas, boxes: Boxes, top: float) -> float:
    """Draw a section from `top` down; gives where it ends."""
    placed = _place(boxes, top)
    for arrow in boxes.arrows:
        _draw_arrow(canvas, arrow, placed)
    for name, rect in placed.items():
        _draw_box(canvas, boxes.boxes[name], rect)
    return max(rect.bottom for rect in placed.values())


@dataclass(frozen=True, slots=True)
class _Cells:
    """The rows and columns that a box takes, the first and the last of each."""

    rows: tuple[int, int]
    columns: tuple[int, int]


def _cells(rows: list[list[str]]) -> dict[str, _Cells]:
    found: dict[str, _Cells] = {}
    for y, row in enumerate(rows):
        for x, name in enumerate(row):
            if name:
                old = found.get(name, _Cells((y, y), (x, x)))
                found[name] = _Cells((old.rows[0], y), (old.columns[0], x))
    return found


def _place(boxes: Boxes, top: float) -> dict[str, Rect]:
    cells = _cells(boxes.rows)
    if unknown := cells.keys() ^ boxes.boxes.keys():
        remedy = "Each name of `rows` has its [section.boxes.NAME], and the other way round."
        raise WorkbookError(f"{sorted(unknown)[0]!r} is no box, or has no place", remedy=remedy)
    lefts, widths = _columns(boxes)
    spans = {
        name: (lefts[cell.columns[0]], lefts[cell.columns[1]] + widths[cell.columns[1]])
        for name, cell in cells.items()
    }
    needs = {
        name: _height(boxes.boxes[name], right - left) for name, (left, right) in spans.items()
    }
    heights = [
        max([needs[name] for name, cell in cells.items() if cell.rows == (y, y)], default=0)
        for y in range(len(boxes.rows))
    ]
    tops = [top + sum(heights[:y]) + y * boxes.drop for y in range(len(heights))]
    return {
        name: Rect(left, tops[first], right - left, tops[last] + heights[last] - tops[first])
        for name, (left, right) in spans.items()
        for first, last in [cells[name].rows]
    }


def _columns(boxes: Boxes) -> tuple[list[float], list[float]]:
    sides = {arrow.side for arrow in boxes.arrows}
    left = MARGIN + (AROUND if "left" in sides else 0)
    right = MARGIN + (AROUND if "right" in sides else 0)
    parts = boxes.widths or [1.0] * len(boxes.rows[0])
    unit = (WIDTH - left - right - boxes.gap * (len(parts) - 1)) / sum(parts)
    widths = [part * unit for part in parts]
    lefts = [left + sum(widths[:x]) + x * boxes.gap for x in range(len(widths))]
    return lefts, widths


def _lines(box: Box, width: float) -> tuple[list[Line], list[Line]]:
    more = wrap(box.more, width - PAD, soft=True) if box.more else []
    return wrap(box.text, width - PAD, strong=True), more


def _height(box: Box, width: float) -> float:
    return sum(map(len, _lines(box, width))) * LINE + PAD


def _draw_box(canvas: Canvas, box: Box, rect: Rect) -> None:
    text, more = _lines(box, rect.width)
    kind = "box" + (" look" if box.look else "") + (" later" if box.later else "")
    canvas.rect(rect, kind)
    x, y = rect.centre
    y -= (len(text) + len(more) - 1) * LINE / 2
    canvas.text((x, y), text, "soft" if box.later else "strong")
    canvas.text((x, y + len(text) * LINE), more, "soft")


def _draw_arrow(canvas: Canvas, arrow: Arrow, placed: dict[str, Rect]) -> None:
    for name in (arrow.source, arrow.target):
        if name not in placed:
            raise WorkbookError(f"an arrow at {name!r}, which is no box", remedy="Name a box.")
    points = _route(arrow, placed[arrow.source], placed[arrow.target])
    look = arrow.look or arrow.refused
    canvas.arrow(points, ("dashed " if arrow.dashed else "") + ("look" if look else ""))
    (x1, y1), (x2, y2) = points[len(points) // 2 - 1 : len(points) // 2 + 1]
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    if arrow.refused:
        canvas.cross((x, y))
    if arrow.text:
        lines = wrap(arrow.text, WIDTH / 2, soft=True)
        kind = "look" if look else ""
        if y1 == y2:
            canvas.label((x, y - LINE * len(lines) + 4), lines, kind)
        elif arrow.refused:
            canvas.label((x + 2 * SHIFT + 2, y), lines, kind, "start")
        else:
            canvas.label((x, y - (len(lines) - 1) * LINE / 2), lines, kind)


def _route(arrow: Arrow, source: Rect, target: Rect) -> list[Point]:
    if arrow.side:
        out = source.x - AROUND * 0.7 if arrow.side == "left" else source.right + AROUND * 0.7
        start = source.x if arrow.side == "left" else source.right
        end = target.x if arrow.side == "left" else target.right
        y1, y2 = source.centre[1], target.centre[1]
        return [(start, y1), (out, y1), (out, y2), (end, y2)]
    left, right = max(source.x, target.x), min(source.right, target.right)
    if left < right:
        x = left + (right - left) * arrow.at
        down = source.y < target.y
        return [(x, source.bottom if down else source.y), (x, target.y if down else target.bottom)]
    top, bottom = max(source.y, target.y), min(source.bottom, target.bottom)
    if top < bottom:
        y = top + (bottom - top) * arrow.at
        return (
            [(source.right, y), (target.x, y)]
            if source.x < target.x
            else [(source.x, y), (target.right, y)]
        )
    return [_edge(source, target.centre), _edge(target, source.centre)]


def _edge(rect: Rect, towards: Point) -> Point:
    """Where the line from a box's middle to a point leaves the box."""
    (x, y), (dx, dy) = rect.centre, (towards[0] - rect.centre[0], towards[1] - rect.centre[1])
    parts = [rect.width / 2 / abs(dx)] if dx else []
    parts += [rect.height / 2 / abs(dy)] if dy else []
    return x + dx * min(parts), y + dy * min(parts)
