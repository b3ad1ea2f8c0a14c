import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.pages.limits import MAX_HTML
from workbook.project import Project
from workbook.service import load, settings_table
from workbook.site.build import KEY, SiteError, build_site
from workbook.site.changes import split_diff

pytest_plugins = ["small_site"]

ROOT = Path(__file__).parents[3]
LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
LOADING_LINKS = {"stylesheet", "preconnect", "preload", "icon", "dns-prefetch", "modulepreload"}


def run_mkdocs(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def small_site(project: Project, add_site: Callable[[Project], None]) -> Path:
    """The small project's site, built."""
    add_site(project)
    return build_site(project)


@pytest.fixture(scope="session")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository's site, built as CI builds it."""
    site = tmp_path_factory.mktemp("site") / "built"
    done = run_mkdocs(ROOT, site)
    assert done.returncode == 0, done.stderr
    return site


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def test_the_home_page_lists_the_phases_with_their_tags(small_site: Path) -> None:
    html = read(small_site / "index.html")

    for slug in ("01-start", "02-middle", "03-end"):
        assert f'href="evolution/{slug}/"' in html
        assert f"<code>phase-{slug}</code>" in html


def test_the_navigation_lists_each_chapter_and_leaves_out_its_changes(small_site: Path) -> None:
    html = read(small_site / "index.html")

    menu = html[html.index("md-nav--primary") : html.index("md-content")]

    assert "2 · The middle" in text_of(menu)
    assert "changes/" not in menu


def test_a_chapter_says_where_it_starts_and_ends_under_its_heading(
    project: Project, small_site: Path
) -> None:
    pin = load_phases(project)[1].commit
    html = read(small_site / "evolution" / "02-middle" / "index.html")
    text = text_of(html)

    header = text[text.rindex("Chapter 2 of 3") : text.index("The problem.")]

    assert "git switch --create chapter-02 phase-01-start" in header
    assert f"phase-02-middle, commit {pin[:10]}" in header
    assert "needs Docker" not in header
    assert "Docker" in header
    assert "<title>Chapter 2 of 3 · The middle" in html


def test_the_first_chapter_starts_from_nothing(small_site: Path) -> None:
    assert "in an empty folder" in text_of(
        read(small_site / "evolution" / "01-start" / "index.html")
    )


def test_a_page_of_changes_shows_all_lines_that_git_counts(
    project: Project, small_site: Path
) -> None:
    phases = load_phases(project)
    history = build(project, phases)
    for phase in phases:
        counted = [
            change
            for step in history.steps_of(phase)
            for change in history.stat(step.parent, step.commit)
        ]

        html = read(small_site / "evolution" / phase.slug / "changes" / "index.html")

        added = html.count('<span class="gi">') + html.count('<span class="new">')
        assert added == sum(change.added or 0 for change in counted)
        assert html.count('<span class="gd">') == sum(change.deleted or 0 for change in counted)
        for step in history.steps_of(phase):
            assert step.commit[:12] in html


def test_the_text_of_a_step_is_shown_as_it_is(small_site: Path) -> None:
    text = text_of(read(small_site / "evolution" / "03-end" / "changes" / "index.html"))

    assert "1. [docs] say über-greeting" in text
    assert "Body with ümläuts," in text
    assert "Phase: 03-end" not in text


def test_the_pages_of_changes_are_not_searched(small_site: Path) -> None:
    index = json.loads(read(small_site / "search" / "search_index.json"))

    found = [entry["location"] for entry in index["docs"]]

    assert [location for location in found if "changes" in location] == []
    assert "evolution/02-middle/" in found


def test_the_options_of_a_fence_neither_show_nor_break_it(small_site: Path) -> None:
    html = read(small_site / "evolution" / "02-middle" / "index.html")

    assert "needs=docker" not in html
    assert "```" not in html
    assert '<p class="filename"><code>src/app.py::greet</code></p>' in html
    assert re.search(r"<details.*?pyproject\.toml.*?</details>", html, re.DOTALL)


def test_a_lock_file_is_folded_and_other_files_are_open(own_site: Path) -> None:
    html = read(own_site / "evolution" / "05-database-layer" / "changes" / "index.html")

    folded = set(re.findall(r'<details class="change" id="[^"]+"><summary>(\S+)', html))
    opened = set(re.findall(r'<details class="change" id="[^"]+" open><summary>(\S+)', html))

    assert folded == {"uv.lock"}
    assert "src/fastapi_single_process/config.py" in opened


def test_no_chapter_weighs_more_than_it_may(own_site: Path) -> None:
    sizes = {
        page.parent.name: page.stat().st_size // 1000
        for page in own_site.glob("evolution/*/index.html")
    }

    assert sizes
    assert {name: size for name, size in sizes.items() if size > MAX_HTML} == {}


def test_the_page_of_problems_has_a_section_for_each(own_site: Path) -> None:
    html = read(own_site / "reference" / "problems" / "index.html")

    kinds = load("api.problems.catalogue:PROBLEMS")
    assert kinds
    assert [slug for slug in kinds if f'id="{slug}"' not in html] == []
    assert [kind.uri for kind in kinds.values() if f"<code>{kind.uri}</code>" not in html] == []


def test_the_settings_page_names_every_setting(own_site: Path) -> None:
    example = read(ROOT / ".env.example")

    text = text_of(read(own_site / "reference" / "settings" / "index.html"))

    named = set(re.findall(r"APP_[A-Z_]+(?==)", example))
    assert named
    assert [name for name in sorted(named) if name not in text] == []


@pytest.mark.parametrize(
    ("field", "row"),
    [
        (
            {"type": "integer", "exclusiveMinimum": 0, "default": 5, "description": "How\nmany."},
            "| `APP_X` | integer, > 0 | `5` | How many. |",
        ),
        ({"type": "boolean", "default": True}, "| `APP_X` | `true`, `false` | `true` |  |"),
        (
            {"enum": ["a", "b"], "type": "string", "default": "a"},
            "| `APP_X` | `a`, `b` | `a` |  |",
        ),
        (
            {"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}], "default": None},
            "| `APP_X` | URL |  |  |",
        ),
        (
            {"type": "number", "exclusiveMinimum": 0, "maximum": 30, "default": 2.5},
            "| `APP_X` | number, > 0, ≤ 30 | `2.5` |  |",
        ),
    ],
)
def test_a_setting_is_a_row_of_the_table(field: dict[str, Any], row: str) -> None:
    assert settings_table({"properties": {"x": field}}, "APP_").splitlines()[2] == row


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in LOADING:
            self.found.append(given.get(LOADING[tag], ""))
        if tag == "link" and LOADING_LINKS & set(given.get("rel", "").split()):
            self.found.append(given.get("href", ""))
        if "mermaid" in given.get("class", "").split():
            self.found.append("//unpkg.com/mermaid")  # the theme would load it from there


def loads_of(path: Path) -> list[str]:
    if path.suffix == ".css":
        return re.findall(r"""(?:url\(|@import)\s*["']?([^"')]+)""", read(path))
    parser = _Loads()
    parser.feed(read(path))
    return parser.found


def test_nothing_is_loaded_from_another_host(own_site: Path) -> None:
    files = [path for path in own_site.rglob("*") if path.suffix in {".html", ".css"}]

    foreign = {
        f"{path.relative_to(own_site)}: {address}"
        for path in files
        for address in loads_of(path)
        if re.match(r"(?:https?:)?//", address)
    }

    assert len(files) > 10
    assert foreign == set()


def test_no_fence_is_left_as_text_on_any_page(own_site: Path) -> None:
    pages = [path for path in own_site.rglob("*.html") if path.parent.name != "changes"]

    broken = [
        str(page.relative_to(own_site))
        for page in pages
        if "```" in re.sub(r"<code>.*?</code>|<pre>.*?</pre>", "", read(page), flags=re.DOTALL)
    ]

    assert broken == []


def test_a_site_that_is_up_to_date_is_not_built_again(project: Project, small_site: Path) -> None:
    before = (small_site / "index.html").stat()

    build_site(project)

    assert (small_site / "index.html").stat() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda project: (project.docs / "index.md").write_text("# Other\n"),
        lambda project: (project.docs / "index.md").rename(project.docs / "README.md"),
        lambda project: (project.docs / "assets" / "site.css").unlink(),
    ],
    ids=["a page", "a name", "a file less"],
)
def test_a_changed_source_builds_the_site_again(
    project: Project, small_site: Path, change: Callable[[Project], object]
) -> None:
    key = read(small_site / KEY)
    change(project)

    build_site(project)

    assert read(small_site / KEY) != key


def test_a_failed_build_says_why_and_keeps_the_old_site(
    project: Project, small_site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    page = project.evolution / "02-middle" / "index.md"
    page.write_text(read(page).replace("phase: 2", "phase: 7"), encoding="utf-8")

    with pytest.raises(SiteError, match="the site can't be built"):
        build_site(project)

    assert "docs/evolution/02-middle/index.md:2: " in caplog.text
    assert (small_site / "index.html").exists()
    assert [entry.name for entry in project.state.glob("site-*")] == []


def test_mkdocs_itself_names_the_page_of_a_broken_phase(
    project: Project, add_site: Callable[[Project], None], tmp_path: Path
) -> None:
    add_site(project)
    page = project.evolution / "02-middle" / "index.md"
    page.write_text(read(page).replace("phase: 2", "phase: 7"), encoding="utf-8")

    done = run_mkdocs(project.root, tmp_path / "site")

    assert done.returncode == 1
    assert "docs/evolution/02-middle/index.md" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_diff_is_cut_into_its_files_whatever_they_are_called(project: Project) -> None:
    phases = load_phases(project)
    history = build(project, phases)
    for phase, start in zip(phases, (None, *phases), strict=False):
        before = history.tip(start) if start else None

        files = split_diff(history.diff(before, history.tip(phase)))

        counted = history.stat(before, history.tip(phase))
        assert [file.path for file in files] == [change.path for change in counted]
        assert [(file.count("+"), file.count("-")) for file in files] == [
            (change.added or 0, change.deleted or 0) for change in counted
        ]
