"""The chapters as a line of stations, by what the service can do after each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbook.history.phases import Phase
from workbook.pictures.canvas import Canvas
from workbook.pictures.description import Part, Stations
from workbook.pictures.lettering import wrap
from workbook.pictures.style import LINE, MARGIN, WIDTH

__all__ = ["draw_stations"]

X = MARGIN + 18  # of the line
RADIUS = 13
TEXT = X + RADIUS + 12
GAP = 11  # between two stations


@dataclass(frozen=True, slots=True)
class _Station:
    number: str
    title: str
    more: str
    last: bool = False
    """Whether the service stands here now."""


def draw_stations(canvas: Canvas, stations: Stations, top: float, phases: Sequence[Phase]) -> float:
    """Draw a section from `top` down; gives where it ends."""
    y = top
    end = first = 0.0
    for part, stops in _parts(stations, phases):
        title = wrap(part.title, WIDTH - TEXT, strong=True)
        canvas.text((TEXT, y + LINE / 2), title, "soft strong", "start")
        y += LINE + GAP
        for stop in stops:
            height = _draw_station(canvas, stop, y)
            first, end = first or y + RADIUS, y + RADIUS
            y += height + GAP
        y += GAP
    canvas.path([(X, first), (X, end)], "line", behind=True)
    return y - 2 * GAP


def _draw_station(canvas: Canvas, stop: _Station, y: float) -> float:
    written = bool(stop.number)
    kind = "box look" if stop.last else "box" if written else "box later"
    canvas.circle((X, y + RADIUS), RADIUS if written else 6, kind)
    if written:
        canvas.text((X, y + RADIUS), wrap(stop.number, 2 * RADIUS), "strong")
    title = wrap(stop.title, WIDTH - TEXT - MARGIN, strong=written, soft=not written)
    more = wrap(stop.more, WIDTH - TEXT - MARGIN, soft=True) if stop.more else []
    canvas.text((TEXT, y + RADIUS), title, "strong" if written else "soft", "start")
    canvas.text((TEXT, y + RADIUS + LINE * len(title)), more, "soft", "start")
    return max(2 * RADIUS, LINE * (len(title) + len(more)) + 4)


def _parts(stations: Stations, phases: Sequence[Phase]) -> Iterator[tuple[Part, list[_Station]]]:
    """Deal the chapters out; one that no part names belongs to the part of the one before it."""
    dealt: dict[int, list[_Station]] = {index: [] for index in range(len(stations.parts))}
    at = 0
    for phase in phases:
        name = phase.slug.partition("-")[2]
        at = next((i for i, part in enumerate(stations.parts) if name in part.chapters), at)
        said = stations.parts[at].chapters.get(name, "")
        dealt[at].append(_Station(str(phase.number), phase.title, said, phase == phases[-1]))
    for index, part in enumerate(stations.parts):
        stops = dealt[index]
        if part.later:
            stops.append(_Station("", " · ".join(part.later), ""))
        if stops:
            yield part, stops
