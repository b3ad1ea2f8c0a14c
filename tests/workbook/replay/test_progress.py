"""What is shown of a replay that is under way."""

import io
import re

from rich.console import Console

from workbook.replay.follow import Position
from workbook.replay.progress import Progress

HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"
CURSORS = re.compile(r"\x1b\[\?25[hl]")
HERE = Position("docs/a.md", 4, 12, "docs/a.md:63", "transcript")


def test_a_terminal_shows_where_each_page_is() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    progress = Progress(console, 3)

    with progress, progress.pause("docs/b.md"):
        progress.tell(HERE)

    with console.capture() as capture:
        console.print(progress.render())
    assert "docs/a.md:63  transcript  5/12  0 s" in capture.get()
    assert "1 of 3 pages done" in capture.get()


def test_a_page_that_is_done_is_shown_no_longer() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    progress = Progress(console, 2)

    with progress:
        progress.tell(HERE)
        with progress.pause(HERE.page):
            pass

    with console.capture() as capture:
        console.print(progress.render())
    assert "docs/a.md" not in capture.get()


def test_a_report_is_not_drawn_over() -> None:
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=100)

    with Progress(console, 2) as progress:
        with progress.pause("docs/b.md"):
            assert CURSORS.findall(drawn.getvalue()) == [HIDDEN, SHOWN]
        progress.tell(HERE)

    assert CURSORS.findall(drawn.getvalue()) == [HIDDEN, SHOWN] * 2
    assert "following" not in drawn.getvalue()


def test_elsewhere_each_page_has_a_line_when_it_begins() -> None:
    said = io.StringIO()

    with Progress(Console(file=said), 2) as progress:
        progress.tell(HERE)
        progress.tell(HERE)

    assert said.getvalue() == "docs/a.md: following its 12 blocks\n"


def test_one_page_alone_is_not_announced() -> None:
    said = io.StringIO()

    with Progress(Console(file=said), 1) as progress:
        progress.tell(HERE)

    assert said.getvalue() == ""
