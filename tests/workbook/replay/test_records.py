"""A page whose inputs are those of its last green replay isn't followed again, and that is said."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.save import save
from workbook.project import Project
from workbook.replay import inputs
from workbook.replay.containers import engine_answers
from workbook.replay.follow import Options
from workbook.replay.records import read_record
from workbook.replay.replay import replay

ROOT = Path(__file__).parents[3]
CHAPTER = "docs/evolution/03-end/index.md"
END = """\
```console
$ git switch -q -c chapter-03 phase-02-middle
$ printf 'one\\r\\nTWO\\r\\nthree\\n' >windows.txt && echo '# Phase 3' >README.md
$ git commit -qam "[docs] say über-greeting"
```

```console
$ sed -i.bak 's/hello/HELLO/' src/app.py && rm src/app.py.bak && touch src/empty.py && git add .
$ git commit -q -m "feat: greet louder"
```
"""

type Follow = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def guide(project: Project) -> Path:
    page = project.docs / "guide.md"
    page.write_text("# Guide\n\n```console\n$ true\n```\n")
    return page


@pytest.fixture
def chapter(project: Project) -> Path:
    page = project.root / CHAPTER
    page.write_text(page.read_text() + "\n" + END)
    return page


@pytest.fixture
def follow(project: Project) -> Follow:
    """Follows a page; gives everything reported."""

    def run(page: Path, **options: bool) -> list[str]:
        said: list[str] = []
        replay(project, [page], Options(**options), said.append)
        return said

    return run


def test_a_page_without_changes_is_not_followed_again_and_that_is_said(
    follow: Follow, guide: Path
) -> None:
    assert follow(guide) == ["docs/guide.md: 1 blocks hold"]

    (said,) = follow(guide)

    when = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    pattern = rf"docs/guide.md: unchanged since its green replay of {when} \(\d+ s\)"
    assert re.fullmatch(pattern, said)


def test_a_chapter_depends_on_its_own_page_and_not_on_others(
    follow: Follow, chapter: Path, project: Project
) -> None:
    assert follow(chapter) == [f"{CHAPTER}: 2 blocks hold"]
    other = project.evolution / "02-middle" / "index.md"
    other.write_text(other.read_text() + "A comma, more.\n")

    assert "unchanged" in follow(chapter)[0]

    chapter.write_text(chapter.read_text() + "A comma, more.\n")
    assert follow(chapter) == [f"{CHAPTER}: 2 blocks hold"]


def test_a_page_that_is_no_chapter_depends_on_the_whole_project(
    follow: Follow, guide: Path, project: Project
) -> None:
    follow(guide)
    script = project.root / "script.sh"

    script.write_text("true\n")
    assert follow(guide) == ["docs/guide.md: 1 blocks hold"]
    script.chmod(0o755)
    assert follow(guide) == ["docs/guide.md: 1 blocks hold"]


def change_lock(project: Project, patch: pytest.MonkeyPatch) -> None:
    (project.root / "uv.lock").write_text("version = 1\n")


def change_index(project: Project, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("UV_DEFAULT_INDEX", "https://example.com/simple")


def change_engine(project: Project, patch: pytest.MonkeyPatch) -> None:
    answers = engine_answers()
    patch.setattr("workbook.replay.inputs.engine_answers", lambda: not answers)


def change_python(project: Project, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sys, "version", f"{sys.version} of tomorrow")
    inputs._machine.cache_clear()


def change_tool(project: Project, patch: pytest.MonkeyPatch) -> None:
    tool = project.root.parent / "tool"
    shutil.copytree(Path(inputs.__file__).parents[1], tool)
    (tool / "replay" / "shell.py").write_text("")
    patch.setattr(inputs, "__file__", str(tool / "replay" / "inputs.py"))
    inputs._machine.cache_clear()


@pytest.mark.parametrize(
    "change", [change_lock, change_index, change_engine, change_python, change_tool]
)
def test_a_chapter_depends_on_the_tool_and_what_it_runs_on(
    follow: Follow,
    chapter: Path,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Project, pytest.MonkeyPatch], None],
) -> None:
    follow(chapter)
    assert "unchanged" in follow(chapter)[0]

    with monkeypatch.context() as patch:
        change(project, patch)
        assert follow(chapter) == [f"{CHAPTER}: 2 blocks hold"]
    inputs._machine.cache_clear()


def test_a_chapter_depends_on_the_other_phases_that_it_names(
    project: Project, evolution: Path, commit_step: Callable[..., str]
) -> None:
    names, silent = (project.evolution / slug / "index.md" for slug in ("01-start", "02-middle"))
    names.write_text(names.read_text() + "See phase-03-end.\n")
    before = [inputs.fingerprint(project, page, slow=False) for page in (names, silent)]

    commit_step(evolution, "03-end", "feat: add", files={"src/new.py": b"x = 1\n"})
    save(project, "evolution", allow_dirty=True)

    after = [inputs.fingerprint(project, page, slow=False) for page in (names, silent)]
    assert after[0] != before[0]
    assert after[1] == before[1]


@pytest.mark.parametrize("how", ["fresh", "CI"])
def test_a_page_is_followed_again_when_that_is_asked_for(
    follow: Follow, guide: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    follow(guide)

    if how == "CI":
        monkeypatch.setenv("CI", "true")

    assert follow(guide, fresh=how == "fresh") == ["docs/guide.md: 1 blocks hold"]


def test_what_failed_is_followed_again_even_after_a_green_replay(
    follow: Follow, guide: Path, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    told.touch()
    guide.write_text(f"# Guide\n\n```console\n$ test -e {told}\n```\n")
    assert follow(guide) == ["docs/guide.md: 1 blocks hold"]
    told.unlink()
    assert "unchanged" in follow(guide)[0]

    assert "FAILED" in follow(guide, fresh=True)[-1]

    assert "FAILED" in follow(guide)[-1]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"not_run": []}', None])
def test_a_record_that_is_broken_counts_as_none(
    follow: Follow, guide: Path, project: Project, content: str | None
) -> None:
    follow(guide)
    (file,) = (project.state / "replays").iterdir()
    whole = file.read_text()

    file.write_text(whole.replace("docs/guide.md", "docs/other.md") if content is None else content)

    assert read_record(project, guide) is None
    assert follow(guide) == ["docs/guide.md: 1 blocks hold"]
    assert read_record(project, guide) is not None


def test_a_page_that_changes_while_it_is_followed_gets_no_record(
    follow: Follow, guide: Path, project: Project
) -> None:
    guide.write_text(f"# Guide\n\n```console\n$ date >>{project.root}/README.md\n```\n")

    assert follow(guide) == ["docs/guide.md: 1 blocks hold"]

    assert read_record(project, guide) is None


def test_what_was_not_run_is_named_again(
    follow: Follow, guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbook.replay.reader.engine_answers", lambda: False)
    monkeypatch.setattr("workbook.replay.inputs.engine_answers", lambda: False)
    guide.write_text("# Guide\n\n```console needs=docker\n$ true\n```\n")
    first = follow(guide)

    again = follow(guide)

    assert first[0].startswith("docs/guide.md:3: not run: no container engine")
    assert again[0] == first[0]
    assert re.search(r"unchanged since .*, 1 not run$", again[1])


def test_a_replay_of_slow_blocks_has_a_record_of_its_own(follow: Follow, guide: Path) -> None:
    guide.write_text("# Guide\n\n```console run=slow\n$ true\n```\n")
    follow(guide)

    assert follow(guide, slow=True) == ["docs/guide.md: 1 blocks hold"]
    assert "unchanged" in follow(guide, slow=True)[-1]
    assert "unchanged" in follow(guide)[-1]


def test_what_was_accepted_is_not_proved_by_that(follow: Follow, guide: Path) -> None:
    guide.write_text("# Guide\n\n```console\n$ echo a\n```\n")
    follow(guide, accept=True)

    assert follow(guide) == ["docs/guide.md: 1 blocks hold"]
    follow(guide, accept=True)
    assert follow(guide) == ["docs/guide.md: 1 blocks hold"]


@pytest.fixture
def run_pytest(project: Project) -> Callable[..., str]:
    """Runs the tests of the pages of a small project; gives what pytest says."""
    tests = project.root / "tests" / "docs"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "conftest.py", project.root)
    shutil.copy(ROOT / "tests" / "docs" / "test_docs.py", tests)
    (project.root / "pytest.ini").write_text("[pytest]\n")
    (project.root / ".gitignore").write_text("__pycache__\n.pytest_cache\n")

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "pytest", "-k", "comes_true and guide", "tests/docs"]
        done = subprocess.run(
            [*command, *arguments], cwd=project.root, capture_output=True, text=True, check=False
        )
        return done.stdout

    return run


def test_pytest_skips_what_is_unchanged_and_names_it(
    guide: Path, project: Project, run_pytest: Callable[..., str]
) -> None:
    guide.write_text("# Guide\n\n```console\n$ true\n```\n\n```console run=ci\n$ false\n```\n")
    first = run_pytest("-n1")

    again = run_pytest("-n1")

    assert "2 passed, 1 skipped" in first
    assert "3 skipped" in again
    named = again.partition("pages not followed, blocks not run")[2].splitlines()[1:3]
    assert named[0].startswith("docs/guide.md: unchanged since its green replay of ")
    assert named[1] == "docs/guide.md:7: not run here: `.ci/run` runs it"
    assert "2 passed, 1 skipped" in run_pytest("-n1", "--fresh")


def test_pytest_records_no_page_of_which_a_block_fails(
    guide: Path, project: Project, run_pytest: Callable[..., str]
) -> None:
    guide.write_text("# Guide\n\n```console\n$ false\n```\n\n```console\n$ true\n```\n")

    for _ in range(2):
        assert "1 failed, 2 skipped" in run_pytest("-n0")

    assert read_record(project, guide) is None
