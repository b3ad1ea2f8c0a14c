import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.phases import PhaseError, load_phases, pin_line
from workbook.project import Project

PIN = "a" * 40
FRONT = {
    "phase": "1",
    "title": "Initial Setup",
    "tag": "phase-01-initial-setup",
    "commit": PIN,
    "date": "2026-11-02",
}


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """A project without a chapter."""
    (tmp_path / "docs" / "evolution").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").touch()
    return Project(tmp_path)


def _write(project: Project, text: str, folder: str = "01-initial-setup") -> Path:
    page = project.evolution / folder / "index.md"
    page.parent.mkdir()
    page.write_bytes(text.encode())
    return page


def _front(**changes: str | None) -> str:
    fields = {key: value for key, value in (FRONT | changes).items() if value is not None}
    return "".join(["---\n", *(f"{key}: {value}\n" for key, value in fields.items()), "---\n# T\n"])


def test_a_chapter_gives_a_phase(bare: Project) -> None:
    page = _write(bare, _front())
    (page.parent / "0002-b.patch").touch()
    (page.parent / "0001-a.patch").touch()
    (page.parent / "picture.png").touch()

    (phase,) = load_phases(bare)

    assert (phase.number, phase.title, phase.slug) == (1, "Initial Setup", "01-initial-setup")
    assert (phase.tag, phase.commit) == ("phase-01-initial-setup", PIN)
    assert phase.date == datetime.date(2026, 11, 2)
    assert phase.page == page
    assert [patch.name for patch in phase.patches] == ["0001-a.patch", "0002-b.patch"]
    assert pin_line(phase) == 5
    assert phase.is_saved


def test_forty_zeros_are_an_unsaved_pin_and_not_a_number(bare: Project) -> None:
    _write(bare, _front(commit="0" * 40))

    (phase,) = load_phases(bare)

    assert phase.commit == "0" * 40
    assert not phase.is_saved


def test_line_ends_of_windows_are_read(bare: Project) -> None:
    _write(bare, _front().replace("\n", "\r\n"))

    assert load_phases(bare)[0].commit == PIN


def test_files_beside_the_chapters_are_no_chapters(bare: Project) -> None:
    (bare.evolution / "index.md").touch()
    (bare.evolution / ".gitattributes").touch()
    (bare.evolution / ".cache").mkdir()

    assert load_phases(bare) == ()


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (_front(tag=None), 1, "the front matter has no `tag`"),
        (_front(commit=None), 1, "the front matter has no `commit`"),
        (_front(title=""), 3, "`title` is empty"),
        (_front(phase="2"), 2, "the folder is number 1, `phase` says 2"),
        (_front(phase="one"), 2, "the folder is number 1, `phase` says one"),
        (_front(tag="phase-01-other"), 4, "goes with the tag phase-01-initial-setup"),
        (_front(commit="abc"), 5, "the pin 'abc' is no commit"),
        (_front(commit="A" * 40), 5, "is no commit"),
        (_front(date="yesterday"), 6, "'yesterday' is no date"),
        (_front(author="me"), 7, "unknown key `author`"),
        (_front(title="[a, b]"), 3, "`title` is no single value"),
        (_front().replace("title", "phase", 1), 3, "`phase` stands here twice"),
        (_front(title="'open"), 3, "no YAML"),
        ("---\njust words\n---\n", 1, "holds no keys"),
        ("# No front matter\n", 1, "no front matter"),
        ("---\nphase: 1\n", 1, "no front matter"),
        ("", 1, "no front matter"),
    ],
)
def test_a_broken_front_matter_is_named_with_its_line(
    bare: Project, text: str, line: int, what: str
) -> None:
    _write(bare, text)

    with pytest.raises(PhaseError) as caught:
        load_phases(bare)

    assert what in caught.value.what
    assert caught.value.place == f"docs/evolution/01-initial-setup/index.md:{line}"
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["1-start", "start", "01_start", "01-Start", "01-"])
def test_a_folder_needs_two_digits_and_a_slug(bare: Project, name: str) -> None:
    _write(bare, _front(), folder=name)

    with pytest.raises(PhaseError, match="is no name for a chapter's folder") as caught:
        load_phases(bare)

    assert caught.value.place == f"docs/evolution/{name}"
    assert "NN-slug" in str(caught.value.remedy)


def test_a_folder_without_a_page_is_named(bare: Project) -> None:
    (bare.evolution / "01-start").mkdir()

    with pytest.raises(PhaseError, match="has no page") as caught:
        load_phases(bare)

    assert caught.value.place == "docs/evolution/01-start/index.md"


@pytest.mark.parametrize(
    ("slugs", "what"),
    [
        (["01-a", "03-c"], "there is a chapter 3, and no chapter 2"),
        (["02-b"], "there is a chapter 2, and no chapter 1"),
        (["01-a", "02-b", "02-c"], "two chapters are number 2"),
    ],
)
def test_numbers_have_neither_gap_nor_repetition(
    bare: Project, write_chapter: Callable[..., Path], slugs: list[str], what: str
) -> None:
    for slug in slugs:
        write_chapter(bare.root, slug, "2026-11-02")

    with pytest.raises(PhaseError, match=what) as caught:
        load_phases(bare)

    assert caught.value.place == f"docs/evolution/{slugs[-1]}"
