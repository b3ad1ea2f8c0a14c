"""The rot alarm, on a project with an index of its own: what moves, what breaks, what is said."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from uv import find_uv_bin

from workbook.cli import main
from workbook.history.save import save
from workbook.project import Project

type Output = pytest.CaptureFixture[str]

PASSES = "print('1 passed')"
FAILS = (
    "print('FAILED tests/test_a.py::test_a - AssertionError: 1 | 2')\n"
    "print('FAILED tests/test_a.py::test_b - AssertionError')\n"
    "print('2 failed')\nraise SystemExit(1)"
)


@dataclass(frozen=True, slots=True)
class Index:
    """A folder of wheels, each with one module and one command that runs its `main`."""

    folder: Path

    def add(self, name: str, version: str, code: str, *, command: str | None = None) -> None:
        """Add a package whose command runs `code`."""
        body = "\n".join(f"    {line}" for line in code.splitlines())
        module = f"def main() -> None:\n{body}\n"
        self.add_module(name, version, f"{name}_command", module, command or name)

    def add_module(self, name: str, version: str, module: str, code: str, command: str) -> None:
        """Add a package with a module that holds `code`."""
        info = f"{name}-{version}.dist-info"
        files = {
            f"{module}.py": code,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": f"[console_scripts]\n{command} = {module}:main\n",
        }
        record = f"{info}/RECORD"
        files[record] = "".join(f"{file},,\n" for file in [*files, record])
        wheel = self.folder / name / f"{name}-{version}-py3-none-any.whl"
        wheel.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(wheel, "w") as archive:
            for file, content in files.items():
                archive.writestr(file, content)
        wheels = sorted(each.name for each in wheel.parent.glob("*.whl"))
        page = "".join(f'<a href="{each}">{each}</a>\n' for each in wheels)
        (wheel.parent / "index.html").write_text(f"<!DOCTYPE html><html><body>{page}</body></html>")


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """All that uv sees of the world: it asks no other index."""
    folder = tmp_path / "index"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=folder)) as server:
        Thread(target=server.serve_forever).start()
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield Index(folder)
        server.shutdown()


type AddPhase = Callable[..., None]


@pytest.fixture
def add_phase(
    project: Project,
    evolution: Path,
    commit_step: Callable[..., str],
    write_chapter: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> AddPhase:
    """Adds phase 4: what it requires is locked as the index has it now."""

    def add(*requirements: str, files: Mapping[str, bytes], settings: str = "") -> None:
        pyproject = (
            '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.13"\n'
            f"dependencies = {list(requirements)}\n"
        )
        (evolution / "pyproject.toml").write_text(pyproject)
        uv = [find_uv_bin(), "lock", "--quiet"]
        subprocess.run(uv, cwd=evolution, check=True)
        write_chapter(project.root, "04-shop", "2026-11-23")
        commit_step(project.root, None, "docs: outline a chapter")
        held = {"pyproject.toml": (pyproject + settings).encode()} | dict(files)
        commit_step(evolution, "04-shop", "feat: open the shop", files=held)
        save(project, "evolution")
        monkeypatch.chdir(project.root)

    return add


# To look for the newest takes seconds where there are many.
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def rot(*arguments: str) -> int:
    return main(["dev", "rot", "--python", HERE, *arguments])


TESTED = {"tests/test_a.py": b""}


def _row(capsys: Output, tag: str = "phase-04-shop") -> list[str]:
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "| Phase | uv | Python | Moved | Broke |",
        "| --- | --- | --- | --- | --- |",
    ]
    (row,) = (line for line in lines if line.startswith(f"| {tag} |"))
    return row.removeprefix("| ").removesuffix(" |").split(" | ")


def test_what_moved_and_what_broke_is_reported_and_no_failure(
    index: Index, add_phase: AddPhase, project: Project, git: Callable[..., str], capsys: Output
) -> None:
    index.add("pytest", "1.0", PASSES)
    index.add("idna", "1.0", PASSES)
    add_phase("pytest", "idna", files=TESTED)
    index.add("pytest", "2.0", FAILS)
    index.add("idna", "1.1", PASSES)
    before = git(project.root, "status", "--porcelain")

    assert rot("--phase", "4") == 0

    *_, moved, broke = _row(capsys)
    assert moved == "2; major: pytest 1.0 → 2.0"
    assert broke == (
        "`uv run pytest`: FAILED tests/test_a.py::test_a - AssertionError: 1 \\| 2 (and 1 more)"
    )
    assert git(project.root, "status", "--porcelain") == before


def test_a_phase_that_still_works_is_told_with_what_was_held_back(
    index: Index, add_phase: AddPhase, capsys: Output
) -> None:
    index.add("pytest", "1.0", PASSES)
    pins = (
        '[tool.uv]\nexclude-newer = "2020-01-01T00:00:00Z"\n'
        'build-constraint-dependencies = ["no-such-package==1"]\n'
    )
    add_phase("pytest", files=TESTED, settings=pins)
    index.add("pytest", "1.1", PASSES)

    assert main(["dev", "rot", "--phase", "4"]) == 0

    _, _, python, *others = _row(capsys)
    assert re.fullmatch(r"3\.\d+\.\d+", python)
    assert others == ["1", "nothing"]


def test_before_there_are_tests_the_commands_of_a_phase_are_run(
    index: Index, add_phase: AddPhase, capsys: Output
) -> None:
    index.add("greeter", "1.0", PASSES, command="greet")
    add_phase("greeter", files={}, settings='[project.scripts]\ngreet = "greeter:main"\n')
    index.add("greeter", "1.1", "raise SystemExit('no greeting')", command="greet")

    assert rot("--phase", "4") == 0

    assert _row(capsys)[3:] == ["1", "`uv run greet`: no greeting"]


def test_every_phase_is_tried_after_one_that_cannot_be_locked(
    index: Index, add_phase: AddPhase, capsys: Output
) -> None:
    index.add("pytest", "1.0", PASSES)
    add_phase("pytest", files=TESTED)

    assert rot() == 0

    said = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in said[2:]] == [
        "| phase-01-start",
        "| phase-02-middle",
        "| phase-03-end",
        "| phase-04-shop",
    ]
    assert "`uv lock --upgrade`: error: " in said[2]
    assert said[5].endswith(" | 0 | nothing |")


def test_a_phase_that_takes_too_long_is_broken(
    index: Index, add_phase: AddPhase, capsys: Output
) -> None:
    index.add("pytest", "1.0", PASSES)
    add_phase("pytest", files=TESTED)

    assert rot("--phase", "4", "--limit", "0") == 0

    assert _row(capsys)[4].endswith("no end within the 0 s of a phase")


def test_the_newest_uv_of_the_index_is_used(
    index: Index, add_phase: AddPhase, capsys: Output, tmp_path: Path
) -> None:
    index.add("pytest", "1.0", PASSES)
    add_phase("pytest", files=TESTED)
    newest = tmp_path / "newest"
    newest.mkdir()
    for name in ("uv", "uvx"):
        (newest / name).write_text(
            f'#!/bin/sh\n[ "$1" != self ] || {{ echo 99.0; exit; }}\nexec {find_uv_bin()} "$@"\n'
        )
        (newest / name).chmod(0o755)
    code = f"def find_uv_bin() -> str:\n    return {str(newest / 'uv')!r}\n"
    index.add_module("uv", "99.0", "uv", code, "uv-stand-in")

    assert rot("--phase", "4") == 0

    assert _row(capsys)[1] == "99.0"


def test_a_uv_that_cannot_be_had_is_said(index: Index, add_phase: AddPhase, capsys: Output) -> None:
    index.add("pytest", "1.0", PASSES)
    add_phase("pytest", files=TESTED)

    assert rot("--phase", "4") == 0

    _, uv, *_, broke = _row(capsys)
    assert "(the newest can't be had: " in uv
    assert "uv was not found" in uv
    assert broke == "nothing"


def test_a_python_that_is_not_here_is_said(
    index: Index, add_phase: AddPhase, capsys: Output
) -> None:
    index.add("pytest", "1.0", PASSES)
    add_phase("pytest", files=TESTED)

    assert main(["dev", "rot", "--phase", "4", "--python", "3.99"]) == 0

    assert "No interpreter found for Python 3.99" in _row(capsys)[4]


def test_the_images_that_a_phase_names_are_listed(
    index: Index, add_phase: AddPhase, capsys: Output
) -> None:
    index.add("pytest", "1.0", PASSES)
    dockerfile = b"FROM python:3.13-slim AS base\nFROM base\n"
    compose = b"services:\n  postgres:\n    image: postgres:18\n"
    add_phase(
        "pytest",
        files=TESTED | {"Dockerfile": dockerfile, "docker-compose.yaml": compose},
    )

    assert rot("--phase", "4") == 0

    said = capsys.readouterr().out
    assert said.endswith(
        "\n\nNo image registry was asked. The phases name these images:\n\n"
        "- `postgres:18`\n- `python:3.13-slim`\n"
    )


def test_chapters_are_followed_on_request(
    index: Index, add_phase: AddPhase, capsys: Output
) -> None:
    index.add("pytest", "1.0", PASSES)
    add_phase("pytest", files=TESTED)

    assert rot("--phase", "4", "--chapters") == 0

    page = "docs/evolution/04-shop/index.md"
    said = capsys.readouterr().out
    assert f"\n\n| Chapter | Broke |\n| --- | --- |\n| {page} | " in said
    assert "the chapter ends before step 1 (“feat: open the shop”) |\n" in said


def test_what_cannot_be_run_is_a_failure(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(project.root)

    assert rot("--phase", "9") == 1

    assert capsys.readouterr().err == "workbook: there is no phase 9\n  The phases: 1, 2, 3\n"
