"""All pictures: what each looks like now, and which of them the files don't show."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from workbook.errors import WorkbookError
from workbook.history.phases import Phase, load_phases
from workbook.pictures.canvas import Canvas
from workbook.pictures.description import Boxes, Picture, Stations, read
from workbook.pictures.grid import draw_boxes
from workbook.pictures.lettering import wrap
from workbook.pictures.sequence import draw_sequence
from workbook.pictures.stations import draw_stations
from workbook.pictures.style import LINE, MARGIN, WIDTH
from workbook.project import Project

__all__ = ["descriptions", "draw", "redraw"]

SECTION = 20  # between two sections


def descriptions(project: Project) -> tuple[Path, ...]:
    """Find the pictures' descriptions; each picture lies beside its own."""
    return tuple(sorted((project.docs / "assets" / "pictures").glob("*.toml")))


def draw(project: Project, description: Path) -> tuple[Picture, str]:
    """Read a description, and draw it. Raises WorkbookError for what can't be drawn."""
    try:
        picture = read(description)
        return picture, _draw(picture, load_phases(project))
    except WorkbookError as error:
        if error.place:
            raise
        place = project.place(description)
        raise WorkbookError(error.what, place=place, remedy=error.remedy) from error


def redraw(project: Project) -> Iterator[tuple[Path, bool]]:
    """Draw all pictures; gives each file, and whether it was written."""
    for description in descriptions(project):
        target = description.with_suffix(".svg")
        _, svg = draw(project, description)
        old = target.read_text(encoding="utf-8") if target.is_file() else None
        if old != svg:
            target.write_text(svg, encoding="utf-8", newline="\n")
        yield target, old != svg


def _draw(picture: Picture, phases: Sequence[Phase]) -> str:
    canvas = Canvas()
    y = float(MARGIN)
    for number, section in enumerate(picture.sections):
        y += SECTION if number else 0
        if section.title:
            lines = wrap(section.title, WIDTH - 2 * MARGIN, strong=True)
            canvas.text((MARGIN, y + LINE / 2), lines, "strong", "start")
            y += len(lines) * LINE + 8
        if isinstance(section, Boxes):
            y = draw_boxes(canvas, section, y)
        elif isinstance(section, Stations):
            y = draw_stations(canvas, section, y, phases)
        else:
            y = draw_sequence(canvas, section, y)
    return canvas.finish(y + MARGIN, title=picture.title, alt=picture.alt)
