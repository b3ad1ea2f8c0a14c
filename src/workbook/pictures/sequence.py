"""Columns of time: who does what, one thing after the other, read from top to bottom."""

from collections.abc import Iterator

from workbook.errors import WorkbookError
from workbook.pictures.canvas import Canvas, Rect
from workbook.pictures.description import Sequence, Step
from workbook.pictures.lettering import wrap
from workbook.pictures.style import FONT, LINE, MARGIN, WIDTH

__all__ = ["draw_sequence"]

PAD = 8  # from a box's edge to its text
GAP = 9  # between two rows
INSET = 7  # from a frame to the frame in it
BETWEEN = 12  # between two columns' boxes


def draw_sequence(canvas: Canvas, sequence: Sequence, top: float) -> float:
    """Draw a section from `top` down; gives where it ends."""
    return _Drawing(canvas, sequence).draw(top)


class _Drawing:
    def __init__(self, canvas: Canvas, sequence: Sequence) -> None:
        self.canvas = canvas
        self.sequence = sequence
        self.deepest = _depth(sequence.steps)
        self.left = MARGIN + INSET * self.deepest
        self.count = max(1, len(sequence.columns))
        self.pitch = (WIDTH - 2 * self.left + BETWEEN) / self.count
        self.frames: list[tuple[float, Step]] = []

    def draw(self, top: float) -> float:
        """Draw the heads of the columns, then row after row, and the columns' lines behind all."""
        y = self._heads(top)
        for row in _rows(self.sequence.steps):
            y += GAP
            if row[0].open:
                y += self._open(row[0], y)
            elif row[0].close:
                y = self._close(row[0], y)
            else:
                y += max(self._step(step, y) for step in row)
        if self.frames:
            raise WorkbookError("a frame is opened and never closed", remedy="Close it.")
        if self.sequence.columns:
            for column in range(1, self.count + 1):
                x = self._x(column)
                self.canvas.path([(x, top), (x, y)], "thin", behind=True)
        return y

    def _x(self, column: int) -> float:
        if not 1 <= column <= self.count:
            remedy = f"The columns are 1 to {self.count}."
            raise WorkbookError(f"there is no column {column}", remedy=remedy)
        return self.left + (column - 0.5) * self.pitch - BETWEEN / 2

    def _room(self) -> float:
        return self.pitch - BETWEEN

    def _heads(self, top: float) -> float:
        columns = self.sequence.columns
        texts = [wrap(text, self._room() - PAD, strong=True) for text in columns]
        height = max(map(len, texts), default=0) * LINE + (PAD if columns else -GAP)
        for column, lines in enumerate(texts, start=1):
            x = self._x(column)
            self.canvas.rect(Rect(x - self._room() / 2, top, self._room(), height), "box")
            middle = top + height / 2 - (len(lines) - 1) * LINE / 2
            self.canvas.text((x, middle), lines, "strong")
        return top + height

    def _step(self, step: Step, y: float) -> float:
        if step.source:
            return self._arrow(step, y)
        x, room = (self._x(step.at), self._room()) if step.at else (WIDTH / 2, self._inside())
        lines = wrap(step.text, room - 2 * PAD)
        height = len(lines) * LINE + PAD
        kind = "box look" if step.look else "box"
        self.canvas.rect(Rect(x - room / 2, y, room, height), kind)
        self.canvas.text((x, y + PAD / 2 + LINE / 2), lines)
        return height

    def _inside(self) -> float:
        return WIDTH - 2 * self.left

    def _arrow(self, step: Step, y: float) -> float:
        start, end = self._x(step.source), self._x(step.target)
        room = abs(end - start) - 12
        lines = wrap(step.text, room, soft=True) if step.text else []
        look = "look" if step.look else ""
        self.canvas.label(((start + end) / 2, y + LINE / 2), lines, look)
        at = y + len(lines) * LINE + 5
        self.canvas.arrow([(start, at), (end, at)], look)
        return at - y + 5

    def _open(self, step: Step, y: float) -> float:
        self.frames.append((y, step))
        return self._label(step.open, y, look=step.look)

    def _close(self, step: Step, y: float) -> float:
        if not self.frames:
            raise WorkbookError("a frame is closed and never opened", remedy="Open it before.")
        top, opened = self.frames.pop()
        bottom = y + self._label(step.close, y, look=step.look, depth=len(self.frames)) + PAD / 2
        x = MARGIN + INSET * len(self.frames)
        kind = "frame look" if opened.look else "frame"
        self.canvas.rect(Rect(x, top, WIDTH - 2 * x, bottom - top), kind)
        return bottom

    def _label(self, text: str, y: float, *, look: bool, depth: int | None = None) -> float:
        x = MARGIN + INSET * (len(self.frames) - 1 if depth is None else depth) + PAD
        lines = wrap(text, WIDTH - 2 * x, soft=True)
        self.canvas.label((x, y + PAD / 2 + FONT / 2), lines, "look" if look else "", "start")
        return len(lines) * LINE + PAD / 2


def _rows(steps: list[Step]) -> Iterator[list[Step]]:
    row: list[Step] = []
    for step in steps:
        if row and not step.beside:
            yield row
            row = []
        row.append(step)
    if row:
        yield row


def _depth(steps: list[Step]) -> int:
    depth = deepest = 0
    for step in steps:
        depth += bool(step.open) - bool(step.close)
        deepest = max(deepest, depth)
    return deepest
