"""The table of where a replay's time went."""

from pathlib import Path

from workbook.pages.blocks import read_page
from workbook.replay.durations import Duration, measure, render_durations


def test_the_slowest_blocks_come_first_with_their_share_and_then_the_pages() -> None:
    fast, slow = (
        Duration("a.md:3", "listing", "src/app.py", 1.0),
        Duration("a.md:9", "transcript", "uv run pytest", 3.0),
    )
    other = Duration("b.md:5", "transcript", "sleep 2", 2.0)

    lines = render_durations({"b.md": (2.5, [other]), "a.md": (4.0, [fast, slow])})

    assert lines == [
        "",
        " seconds  of page  slowest blocks",
        "     3.0      75%  a.md:9 transcript",
        "                   uv run pytest",
        "     2.0      80%  b.md:5 transcript",
        "                   sleep 2",
        "     1.0      25%  a.md:3 listing",
        "                   src/app.py",
        "",
        " seconds  pages",
        "     4.0  a.md",
        "     2.5  b.md",
        "     6.5  in all",
    ]


def test_a_page_that_took_no_time_has_no_shares() -> None:
    lines = render_durations({"a.md": (0, [Duration("a.md:3", "listing", "src/app.py", 0)])})

    assert lines[-2:] == ["     0.0  a.md", "     0.0  in all"]


def test_a_block_is_known_by_its_first_command_or_its_file(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '```text title="notes.txt"\na\n```\n\n```console\n$ first &&\n> more\n$ second\n```\n\n'
        f"```console\n$ echo {'x' * 80}\n```\n"
    )

    durations = measure(read_page(page), {0: 0.5, 1: 1.5, 2: 2.5})

    assert [duration.subject for duration in durations] == [
        "notes.txt",
        "first &&",
        f"echo {'x' * 69}…",
    ]
    assert [duration.seconds for duration in durations] == [0.5, 1.5, 2.5]
