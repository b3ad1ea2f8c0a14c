from pathlib import Path

import pytest

from workbook.atomic import Content, WriteError, write_all


@pytest.fixture
def staging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("staging")


def test_only_what_differs_is_written(tmp_path: Path, staging: Path) -> None:
    same, changed, gone = tmp_path / "same", tmp_path / "changed", tmp_path / "gone"
    same.write_bytes(b"same")
    changed.write_bytes(b"old")
    gone.write_bytes(b"gone")
    before = same.stat().st_mtime_ns

    written = write_all({same: Content(b"same"), changed: Content(b"new"), gone: None}, staging)

    assert written == [changed, gone]
    assert same.stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["changed", "same"]
    assert changed.read_bytes() == b"new"


def test_modes_and_links_are_content(tmp_path: Path, staging: Path) -> None:
    script, link = tmp_path / "script", tmp_path / "link"
    script.write_bytes(b"#!/bin/sh\n")
    link.write_bytes(b"a file")

    write_all(
        {script: Content(b"#!/bin/sh\n", "100755"), link: Content(b"script", "120000")}, staging
    )

    assert script.stat().st_mode & 0o111 == 0o111
    assert link.readlink() == Path("script")


def test_a_failure_undoes_what_was_done(tmp_path: Path, staging: Path) -> None:
    first, fresh, obstacle = tmp_path / "first", tmp_path / "a/b/fresh", tmp_path / "obstacle"
    first.write_bytes(b"old")
    (obstacle / "in").mkdir(parents=True)

    with pytest.raises(WriteError, match="nothing was written"):
        write_all(
            {first: Content(b"new"), fresh: Content(b"new"), obstacle: Content(b"new")}, staging
        )

    assert first.read_bytes() == b"old"
    assert sorted(path.name for path in obstacle.iterdir()) == ["in"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "obstacle"]


def test_a_parent_that_is_a_file_is_named(tmp_path: Path, staging: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    first = tmp_path / "first"

    with pytest.raises(WriteError) as caught:
        write_all({first: Content(b"new"), tmp_path / "file" / "inner": Content(b"new")}, staging)

    assert caught.value.place is not None
    assert caught.value.place.startswith(str(tmp_path / "file"))
    assert not first.exists()


def test_a_file_gives_way_to_a_folder_and_back(tmp_path: Path, staging: Path) -> None:
    one, other = tmp_path / "name", tmp_path / "name" / "inner"
    one.write_bytes(b"a file")

    write_all({one: None, other: Content(b"within")}, staging)
    assert other.read_bytes() == b"within"

    write_all({one: Content(b"a file"), other: None}, staging)
    assert one.read_bytes() == b"a file"
    assert list(staging.iterdir()) == []
