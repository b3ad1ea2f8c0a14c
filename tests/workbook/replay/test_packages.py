"""No chapter's result depends on what an index answers on the day, or whether one answers."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import uv

from workbook.history.save import save
from workbook.pages.fill import refresh
from workbook.project import Project
from workbook.replay import packages
from workbook.replay.follow import Options
from workbook.replay.replay import replay

UPLOADED = "2026-11-02T00:00:00Z"


@dataclass
class Index:
    """What the index shows of one package, `tiny`, at `url`; `asked` lists the paths asked for."""

    folder: Path
    url: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def publish(self, version: str, tag: str = "py3-none-any") -> None:
        """Show a file of a release, with an upload time before any cut of the tests."""
        name = f"tiny-{version}-{tag}.whl"
        info = f"tiny-{version}.dist-info"
        with zipfile.ZipFile(self.folder / name, "w") as wheel:
            wheel.writestr("tiny.py", f'VERSION = "{version}"\n')
            wheel.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n"
            )
            wheel.writestr(
                f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
            )
            wheel.writestr(
                f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
            )
        content = (self.folder / name).read_bytes()
        self.files.append(
            {
                "filename": name,
                "url": f"../../{name}",
                "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
                "size": len(content),
                "upload-time": UPLOADED,
            }
        )

    def yank(self, version: str) -> None:
        """Withdraw a release: it is no answer any more, and its files stay."""
        for file in self.files:
            if file["filename"].startswith(f"tiny-{version}-"):
                file["yanked"] = True


@contextmanager
def serve(folder: Path) -> Iterator[Index]:
    """Serve an index on loopback until the block ends."""
    folder.mkdir()
    index = Index(folder)

    class Handler(SimpleHTTPRequestHandler):
        def send_head(self) -> BinaryIO | None:
            index.asked.append(self.path)
            if self.path != "/simple/tiny/":
                return super().send_head()
            answer = {"meta": {"api-version": "1.1"}, "name": "tiny", "files": index.files}
            content = json.dumps({**answer, "versions": []}).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            return io.BytesIO(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    handler = partial(Handler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    index.url = f"http://127.0.0.1:{server.server_port}/simple/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


PYPROJECT = """\
[project]
name = "small"
version = "1"
requires-python = ">=3.13"
dependencies = []

[tool.uv]
exclude-newer = "2026-11-09T00:00:00Z"

[[tool.uv.index]]
url = "{url}"
default = true
"""
CHAPTERS = {
    "01-start": """
```toml title="pyproject.toml"
```

```text title=".gitignore"
```

```console
$ git init --quiet .
$ git add --all
$ git commit --quiet --message "build: start"
```
""",
    "02-add": """
```console
$ uv add --quiet --frozen 'tiny>=1.0'
$ git restore --source=steps/2.1 -- uv.lock
$ git add --all
$ git commit --quiet --message "build: add tiny"
```

```console
$ uv sync --locked --quiet
$ uv run --locked python -c 'import tiny; print(tiny.VERSION)'
1.0
```

```console needs=index
$ echo tiny | uv pip compile --quiet --no-header --no-annotate -
tiny==1.0
```
""",
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with serve(tmp_path / "index") as index:
        index.publish("1.0")
        yield index


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of uv that no other test has filled, in place of the user's."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("UV_OFFLINE", raising=False)
    _forget()
    yield tmp_path / "cache"
    _forget()


def _forget() -> None:
    # What is asked once in a run: the next replay shall be another day's.
    for asked in (packages.download, packages.index_answers):
        asked.cache_clear()


@pytest.fixture
def project(
    tmp_path: Path,
    index: Index,
    git: Callable[..., str],
    commit_step: Callable[..., str],
    write_chapter: Callable[..., Path],
) -> Project:
    """A chapter that adds a package: its step holds the lock of the day on which it was written."""
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=evolution")
    files = {"pyproject.toml": PYPROJECT.format(url=index.url).encode(), ".gitignore": b".venv/\n"}
    commit_step(root, "01-start", "build: start", files=files)
    run_uv(root, "add", "--quiet", "tiny>=1.0")
    shutil.rmtree(root / ".venv")
    commit_step(root, "02-add", "build: add tiny")
    git(root, "switch", "--quiet", "--orphan", "main")
    (root / "mkdocs.yml").write_text("site_name: Small\n", encoding="utf-8")
    for slug, text in CHAPTERS.items():
        with write_chapter(root, slug, "2026-11-02").open("a", encoding="utf-8") as chapter:
            chapter.write(text)
    commit_step(root, None, "docs: write the chapter")
    save(Project(root), "evolution")
    refresh(Project(root))
    return Project(root)


def run_uv(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [uv.find_uv_bin(), *arguments],
        cwd=folder,
        env={**os.environ, "UV_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def follow(project: Project) -> tuple[bool, str]:
    _forget()
    said: list[str] = []
    page = project.evolution / "02-add" / "index.md"
    (result,) = replay(project, [page], Options(fresh=True), said.append)
    return result.good, "\n".join(said)


def test_a_chapter_comes_true_without_any_index(
    project: Project, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for answers in cache.glob("simple-*"):
        shutil.rmtree(answers)
    monkeypatch.setenv("UV_OFFLINE", "1")

    good, said = follow(project)

    assert good, said
    assert "index.md:26: not run: no package index answers" in said
    assert "1 not run" in said


def test_a_chapter_comes_true_whatever_an_index_answers_by_now(
    project: Project, index: Index, tmp_path: Path
) -> None:
    index.publish("1.1")
    index.publish("1.0", "py3-none-manylinux_2_17_x86_64")
    index.yank("1.0")

    good, said = follow(project)

    assert good, said
    # It does answer otherwise: a project that asks anew gets another lock.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pyproject.toml").write_text(PYPROJECT.format(url=index.url))
    run_uv(tmp_path / "other", "add", "tiny>=1.0")
    assert 'version = "1.1"' in (tmp_path / "other" / "uv.lock").read_text()


def test_a_page_asks_no_index_but_where_it_says_so(project: Project, index: Index) -> None:
    index.asked.clear()
    follow(project)
    with_the_block = [path for path in index.asked if path.startswith("/simple/")]

    page = project.evolution / "02-add" / "index.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("needs=index\n$ echo", "needs=index\n$ true; : echo"))
    index.asked.clear()
    follow(project)

    assert with_the_block == ["/simple/tiny/"]
    assert [path for path in index.asked if path.startswith("/simple/")] == []


def test_a_command_that_asks_an_index_without_saying_so_fails(project: Project) -> None:
    page = project.evolution / "02-add" / "index.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("console needs=index", "console"), encoding="utf-8")

    good, said = follow(project)

    assert not good
    assert "network was disabled" in said


def test_packages_that_cannot_be_had_are_nobody_s_page(
    project: Project, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(cache)
    monkeypatch.setenv("UV_OFFLINE", "1")

    good, said = follow(project)

    assert not good
    assert "the packages of a lock can't be had" in said
    assert "Reach a package index once" in said


def test_wheels_are_written_from_what_is_installed(tmp_path: Path) -> None:
    packages.write_wheels(["hatchling", "editables"], tmp_path / "wheels")
    (tmp_path / "project").mkdir()

    run_uv(tmp_path, "venv", "--quiet", "project/.venv")
    wheels = ["--no-index", f"--find-links={tmp_path / 'wheels'}", "--offline"]
    run_uv(tmp_path / "project", "pip", "install", "--quiet", *wheels, "hatchling", "editables")

    backend = "import hatchling.build, editables; print(hatchling.build.build_wheel.__name__)"
    said = run_uv(tmp_path / "project", "run", "--no-project", "python", "-c", backend)
    assert said == "build_wheel\n"
