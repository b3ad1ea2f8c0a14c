"""How the processes of one test run share the work."""

from collections.abc import Callable
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

from workbook.project import Project
from workbook.replay.schedule import expected_seconds

PAGES = "tests/docs/test_docs.py::test_a_page_comes_true["


class PageScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives the blocks of a page to one process, in their order, and other tests to any.

    The pages that take longest come first: one that starts last would be waited for.

    xdist's own `loadgroup` renames the tests to that end, which pytest 9.2 has ended.
    Source: https://pytest-xdist.readthedocs.io/en/stable/how-to.html
    """

    def __init__(self, config: pytest.Config, log: Callable[..., object]) -> None:
        """Find the pages; nothing is known of how long they take yet."""
        super().__init__(config, log)
        self._project = Project.find(Path(__file__).parent)
        self._seconds: dict[str, float] = {}

    def _split_scope(self, nodeid: str) -> str:
        if not nodeid.startswith(PAGES):
            return nodeid
        page, _, _ = nodeid.removeprefix(PAGES).partition(".md")
        return f"{page}.md"

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Hand out the page that takes longest; after the pages, the other tests as they come."""
        self.workqueue.move_to_end(max(self.workqueue, key=self._expected), last=False)
        super()._assign_work_unit(node)

    def _expected(self, scope: str) -> float:
        if not scope.endswith(".md"):
            return -1
        if scope not in self._seconds:
            self._seconds[scope] = expected_seconds(self._project, self._project.root / scope)
        return self._seconds[scope]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of following pages."""
    parser.addoption(
        "--fresh",
        action="store_true",
        help="follow pages that are unchanged since their last green replay, too",
    )
    parser.addoption("--slow", action="store_true", help="run the slow blocks of pages, too")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say by name which pages weren't followed, and which blocks weren't run."""
    skipped = [
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if report.nodeid.startswith(PAGES)
    ]
    if skipped:
        terminalreporter.section("pages not followed, blocks not run")
        for reason in sorted(set(skipped)):
            terminalreporter.line(reason)


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Callable[..., object]
) -> LoadScopeScheduling:
    """Schedule by pages, whatever `--dist` says."""
    return PageScheduling(config, log)
