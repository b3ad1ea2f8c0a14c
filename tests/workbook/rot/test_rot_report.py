"""Findings become Markdown."""

import datetime
from pathlib import Path

from workbook.history.phases import UNSAVED, Phase
from workbook.rot.rot import Finding, Move, Walk
from workbook.rot.rot_report import describe

PHASE = Phase(1, "Start", "01-start", "phase-01-start", UNSAVED, datetime.date.min, Path())


def finding(*moves: Move, broke: str | None = None) -> Finding:
    return Finding(PHASE, "0.13.9", "3.14.0", moves, (), broke)


def test_major_new_and_lost_packages_are_named_and_the_others_counted() -> None:
    moves = (
        Move("a", ("1.9",), ("2.0",)),
        Move("b", ("1.8",), ("1.9",)),
        Move("c", ("1.0", "2.0"), ("2.1",)),
        Move("d", (), ("1.0",)),
        Move("e", ("1.0",), ()),
        Move("f", ("2025.1",), ("2026.1",)),
    )

    lines = list(describe([finding(*moves)], []))

    assert lines[2] == (
        "| phase-01-start | 0.13.9 | 3.14.0 | "
        "6; major: a 1.9 → 2.0, f 2025.1 → 2026.1; new: d; gone: e | nothing |"
    )


def test_a_reason_is_one_cell_however_long_it_is() -> None:
    lines = list(describe([finding(broke="a | b\nc " + "x" * 1000)], []))

    assert len(lines) == 3
    assert "| a \\| b c xxx" in lines[2]
    assert lines[2].endswith("xxx… |")
    assert len(lines[2]) < 400


def test_chapters_have_a_table_of_their_own() -> None:
    walks = [Walk("docs/a.md", None), Walk("docs/b.md", "docs/b.md:3: no")]

    assert list(describe([finding()], walks))[3:] == [
        "",
        "| Chapter | Broke |",
        "| --- | --- |",
        "| docs/a.md | nothing |",
        "| docs/b.md | docs/b.md:3: no |",
    ]
