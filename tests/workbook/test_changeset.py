from pathlib import Path

import pytest

from workbook.changeset import Content, WriteError, write_all


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    same, changed, gone = tmp_path / "same", tmp_path / "changed", tmp_path / "gone"
    same.write_bytes(b"same")
    changed.write_bytes(b"old")
    gone.write_bytes(b"gone")
    before = same.stat().st_mtime_ns

    written = write_all({same: Content(b"same"), changed: Content(b"new"), gone: None})

    assert written == [changed, gone]
    assert same.stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["changed", "same"]
    assert changed.read_bytes() == b"new"


def test_modes_and_links_are_content(tmp_path: Path) -> None:
    script, link = tmp_path / "script", tmp_path / "link"
    script.write_bytes(b"#!/bin/sh\n")
    link.write_bytes(b"a file")

    write_all({script: Content(b"#!/bin/sh\n", "100755"), link: Content(b"script", "120000")})

    assert script.stat().st_mode & 0o111 == 0o111
    assert link.readlink() == Path("script")


def test_a_failure_undoes_what_was_done(tmp_path: Path) -> None:
    first, fresh, obstacle = tmp_path / "first", tmp_path / "a/b/fresh", tmp_path / "obstacle"
    first.write_bytes(b"old")
    (obstacle / "in").mkdir(parents=True)

    with pytest.raises(WriteError, match="nothing was written"):
        write_all({first: Content(b"new"), fresh: Content(b"new"), obstacle: Content(b"new")})

    assert first.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "obstacle"]
