"""How the processes of one test run share the work."""

from collections.abc import Callable

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

PAGES = "tests/docs/test_docs.py::test_a_page_comes_true["


class PageScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives the blocks of a page to one process, in their order, and other tests to any.

    xdist's own `loadgroup` renames the tests to that end, which pytest 9.2 has ended.
    Source: https://pytest-xdist.readthedocs.io/en/stable/how-to.html
    """

    def _split_scope(self, nodeid: str) -> str:
        if not nodeid.startswith(PAGES):
            return nodeid
        page, _, _ = nodeid.removeprefix(PAGES).partition(".md")
        return page


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Callable[..., object]
) -> LoadScopeScheduling:
    """Schedule by pages, whatever `--dist` says."""
    return PageScheduling(config, log)
