"""A chapter takes files from the step that it is in, and from no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.history.tags import are_steps_there, bring_steps, bring_tags
from workbook.pages.arrivals import Arrival, arrivals
from workbook.pages.blocks import read_page
from workbook.pages.fill import refresh
from workbook.project import Project
from workbook.replay.follow import Options
from workbook.replay.replay import replay
from workbook.site.changes import render_changes, taken

TAKING = """
```console
$ git switch -q -c chapter-03 phase-02-middle
$ git restore --source=steps/3.1 -- windows.txt README.md
$ git commit -qam "[docs] say über-greeting"
```

```console
$ git restore --source=steps/3.2 -- src
$ git add .
$ git commit -q -m "feat: greet louder"
```
"""

type Follow = Callable[[str], tuple[bool, str]]


@pytest.fixture
def page(project: Project) -> Path:
    return project.evolution / "03-end" / "index.md"


@pytest.fixture
def follow(project: Project, page: Path) -> Follow:
    front = page.read_text(encoding="utf-8").partition("\n# ")[0]

    def run(text: str) -> tuple[bool, str]:
        page.write_text(f"{front}\n# The end\n{text}", encoding="utf-8")
        said: list[str] = []
        (result,) = replay(project, [page], Options(fresh=True), said.append)
        return result.good, "\n".join(said)

    return run


def test_a_chapter_that_takes_every_file_ends_at_its_tag(follow: Follow) -> None:
    assert follow(TAKING) == (True, "docs/evolution/03-end/index.md: 2 blocks hold")


@pytest.mark.parametrize(
    ("truth", "untruth", "says", "remedy"),
    [
        ("steps/3.2", "steps/3.1", "takes from steps/3.1, and stands within steps/3.2", "dev fill"),
        ("steps/3.2", "steps/2.2", "takes from steps/2.2, and stands within steps/3.2", "dev fill"),
        (
            "-- src",
            "-- run.sh",
            "steps/3.2 (“feat: greet louder”) doesn't change run.sh",
            "src/app",
        ),
        ("-- src", "", "names no file to take", "--source=steps/3.2 -- src/app.py"),
    ],
)
def test_what_is_not_the_step_s_is_told_with_its_line(
    follow: Follow, truth: str, untruth: str, says: str, remedy: str
) -> None:
    good, said = follow(TAKING.replace(truth, untruth))

    assert not good
    assert said.startswith("docs/evolution/03-end/index.md:18: ")
    assert says in said
    assert remedy in said


def test_a_taken_file_that_is_changed_afterwards_fails_at_the_commit(follow: Follow) -> None:
    changed = TAKING.replace("$ git add .", "$ echo '# mine' >> src/app.py\n$ git add .")

    good, said = follow(changed)

    assert not good
    assert "src/app.py isn't what step 2 (“feat: greet louder”) holds" in said
    assert "+# mine" in said


def test_what_stands_behind_the_last_step_has_no_step_to_take_from(follow: Follow) -> None:
    _, said = follow(TAKING + "\n```console\n$ git restore --source=steps/3.2 -- src\n```\n")

    assert "takes from steps/3.2, and stands behind the last step" in said


def test_refresh_names_the_step_that_the_page_is_in(
    follow: Follow, project: Project, page: Path
) -> None:
    follow(TAKING.replace("steps/3.2", "steps/3.1"))

    assert refresh(project) == [page]

    assert page.read_text(encoding="utf-8").endswith(TAKING)


def test_an_excerpt_behind_a_take_shows_what_was_taken(
    follow: Follow, project: Project, page: Path
) -> None:
    excerpt = '```python title="src/app.py::greet"\n```\n'
    front, _, rest = TAKING.partition("$ git add .\n")
    follow(f"{front}```\n\n{excerpt}\n```console\n$ git add .\n{rest}")

    refresh(project)

    assert "HELLO" in page.read_text(encoding="utf-8")


def test_every_step_has_a_name_in_a_clone_that_has_the_tags(
    project: Project, git: Callable[..., str]
) -> None:
    history = build(project, load_phases(project))
    bring_tags(project, history)
    git(project.root, "update-ref", "refs/steps/9.9", "HEAD")
    git(project.root, "update-ref", "refs/steps/3.1", "HEAD")

    bring_steps(project, history)

    assert are_steps_there(project, history)
    assert git(project.root, "log", "-1", "--format=%s", "steps/3.1") == "[docs] say über-greeting"
    names = git(project.root, "for-each-ref", "--format=%(refname)", "refs/steps").split()
    assert names == [f"refs/steps/{phase}.{step}" for phase in (1, 2, 3) for step in (1, 2)]
    assert "steps" not in git(project.root, "tag")


def test_each_file_of_a_step_is_typed_taken_or_made(
    follow: Follow, project: Project, page: Path
) -> None:
    follow(TAKING.replace("-- src\n", "-- src/app.py\n$ touch src/empty.py\n"))
    phases = load_phases(project)
    history = build(project, phases)

    found = arrivals(history, history.steps_of(phases[2]), read_page(page))

    assert found == {
        (1, "README.md"): Arrival.TAKEN,
        (1, "windows.txt"): Arrival.TAKEN,
        (2, "src/app.py"): Arrival.TAKEN,
        (2, "src/empty.py"): Arrival.MADE,
    }
    typed = 'diff title="README.md"\n'
    page.write_text(page.read_text(encoding="utf-8").replace("console\n", typed, 1))
    found = arrivals(history, history.steps_of(phases[2]), read_page(page, unfilled=True))
    assert found[1, "README.md"] is Arrival.TYPED


def test_the_site_links_a_taken_file_to_its_place_among_the_changes(project: Project) -> None:
    phases = load_phases(project)
    history = build(project, phases)

    said = taken("git restore --source=steps/3.2 -- src", phases[2], history)

    changes = render_changes(phases[2], phases[1], history)
    assert '<a href="changes/#step-2-src-app-py"><code>src/app.py</code></a>' in said
    assert 'id="step-2-src-app-py"' in changes
    assert taken("git status", phases[2], history) == ""
