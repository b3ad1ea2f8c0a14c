import re
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from workbook.errors import WorkbookError
from workbook.history.phases import load_phases
from workbook.pages.fill import all_pages
from workbook.pictures.album import descriptions, draw, redraw
from workbook.pictures.style import DARK, LIGHT, WIDTH
from workbook.project import Project

PROJECT = Project(Path(__file__).parents[2])
DESCRIPTIONS = descriptions(PROJECT)
TELEPHONE = 358  # pixels of a picture on a screen of 390
DRAWN = {"svg", "title", "desc", "style", "rect", "circle", "path", "polygon", "text", "tspan"}
ANSWER = """
title = "An answer"
alt = "A client asks."

[[section]]
kind = "sequence"
columns = ["client", "service"]
steps = [{ from = 1, to = 2, text = "asks" }]
"""

each = pytest.mark.parametrize("description", DESCRIPTIONS, ids=lambda path: path.stem)


class Image(NamedTuple):
    page: Path
    target: str
    alt: str


def words(text: str) -> str:
    return " ".join(text.split())


@cache
def images() -> list[Image]:
    """Every image of every page, collapsed blocks included."""
    found = []
    for page in all_pages(PROJECT):
        for block in MarkdownIt().parse(page.read_text(encoding="utf-8")):
            found += [
                Image(page, str(token.attrs["src"]), words(token.content))
                for token in block.children or []
                if token.type == "image"
            ]
    return found


def shown(description: Path) -> list[Image]:
    picture = description.with_suffix(".svg")
    return [image for image in images() if (image.page.parent / image.target).resolve() == picture]


def luminance(colour: str) -> float:
    """WCAG 2.2's: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def describe(project: Project, text: str) -> Path:
    description = project.docs / "assets" / "pictures" / "answer.toml"
    description.parent.mkdir(parents=True, exist_ok=True)
    description.write_text(text, encoding="utf-8")
    return description


@each
def test_a_picture_is_what_its_description_says(description: Path) -> None:
    _, svg = draw(PROJECT, description)

    kept = description.with_suffix(".svg").read_text(encoding="utf-8")
    assert kept == svg, "`uv run workbook dev pictures` draws it anew"


def test_every_picture_has_a_description() -> None:
    kept = {path.stem for path in (PROJECT.docs / "assets" / "pictures").rglob("*.svg")}

    assert kept == {path.stem for path in DESCRIPTIONS}


@each
def test_a_picture_is_shown_with_the_text_of_its_description(description: Path) -> None:
    picture, _ = draw(PROJECT, description)

    assert {image.alt for image in shown(description)} == {words(picture.alt)}


@each
def test_a_page_holds_what_its_picture_quotes(description: Path) -> None:
    picture, _ = draw(PROJECT, description)

    for page in {image.page for image in shown(description)}:
        text = words(page.read_text(encoding="utf-8"))
        assert [quote for quote in picture.quotes if words(quote) not in text] == []


@each
def test_the_service_has_the_names_that_a_picture_shows(description: Path) -> None:
    picture, _ = draw(PROJECT, description)
    service = PROJECT.root / "src" / "fastapi_single_process"

    source = "".join(path.read_text(encoding="utf-8") for path in service.rglob("*.py"))

    assert [name for name in picture.names if name not in source] == []


def test_no_image_is_without_a_text() -> None:
    assert [image for image in images() if not image.alt] == []


@each
def test_a_picture_runs_nothing_and_loads_nothing(description: Path) -> None:
    text = description.with_suffix(".svg").read_text(encoding="utf-8")

    root = ElementTree.fromstring(text)

    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= DRAWN
    names = {name for element in root.iter() for name in element.attrib}
    assert [name for name in names if name.startswith("on") or "href" in name] == []
    assert re.findall(r"url\(|@import|@font-face", text) == []
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


@each
def test_a_picture_can_be_read_on_a_telephone(description: Path) -> None:
    text = description.with_suffix(".svg").read_text(encoding="utf-8")

    width = int(ElementTree.fromstring(text).attrib["width"])
    sizes = [int(size) for size in re.findall(r"(\d+)px", text)]

    assert width == WIDTH
    assert min(sizes) * TELEPHONE / width > 10.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_colours_of_a_scheme_stand_apart(scheme: dict[str, str]) -> None:
    for ground in ("paper", "box", "tint"):
        for letters in ("ink", "soft", "look"):
            assert contrast(scheme[letters], scheme[ground]) >= 4.5, (letters, ground)
        for line in ("edge", "look"):
            assert contrast(scheme[line], scheme[ground]) >= 3, (line, ground)


def test_pictures_are_drawn_where_they_have_changed(project: Project) -> None:
    description = describe(project, ANSWER)

    first, second = list(redraw(project)), list(redraw(project))
    description.write_text(ANSWER.replace('asks" }', 'asks again" }'), encoding="utf-8")
    third = list(redraw(project))

    target = description.with_suffix(".svg")
    assert (first, second, third) == ([(target, True)], [(target, False)], [(target, True)])
    assert "asks again" in target.read_text(encoding="utf-8")


def test_the_line_of_chapters_follows_the_chapters(project: Project) -> None:
    stations = '[[section]]\nkind = "stations"\n[[section.parts]]\ntitle = "All"\nlater = ["dusk"]'
    description = describe(project, f'title = "Line"\nalt = "A line."\n{stations}')

    _, svg = draw(project, description)

    letters = [element.text for element in ElementTree.fromstring(svg).iter() if element.text]
    titles = [phase.title for phase in load_phases(project)]
    assert [text for text in letters if text in (*titles, "dusk")] == [*titles, "dusk"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("title = ", "titel = ", "Picture has no 'titel'"),
        ('alt = "A client asks."', "", "a Picture has no 'alt'"),
        ("sequence", "sequel", "'sequel' is no kind of section"),
        ("to = 2", "to = 3", "there is no column 3"),
        ("from = 1, to = 2, text", "open", "a frame is opened and never closed"),
        ("from = 1, to = 2, text", "close", "a frame is closed and never opened"),
        (
            '"asks"',
            '"internationalisation-of-everything and"',
            "'internationalisation-of-everything' takes",
        ),
        ("[[section]]", "[[section", "no TOML"),
    ],
)
def test_a_description_that_cannot_be_drawn_is_named(
    project: Project, old: str, new: str, what: str
) -> None:
    description = describe(project, ANSWER.replace(old, new))

    with pytest.raises(WorkbookError) as caught:
        draw(project, description)

    assert caught.value.what.startswith(what)
    assert caught.value.place == "docs/assets/pictures/answer.toml"


def test_boxes_and_their_places_belong_together(project: Project) -> None:
    boxes = '[[section]]\nkind = "boxes"\nrows = [["a"]]\nboxes = { b = { text = "B" } }'
    description = describe(project, f'title = "Boxes"\nalt = "Boxes."\n{boxes}')

    with pytest.raises(WorkbookError, match="'a' is no box, or has no place"):
        draw(project, description)
