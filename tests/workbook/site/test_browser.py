"""The built site in a real browser: one build, one server, one browser."""

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

from workbook.history.phases import load_phases
from workbook.pages.blocks import Kind, read_page
from workbook.pages.limits import MAX_SCREENS, TALL
from workbook.pages.transcript import parse
from workbook.project import Project
from workbook.site.build import build_site

PROJECT = Project.find(Path(__file__).parent)
PHASES = load_phases(PROJECT)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
SERIOUS = {"serious", "critical"}
# Each with the page that must be among the first five.
SEARCHES = {
    "idempotency": "18-idempotency",
    "deadlock": "12-concurrency",
    "alembic.ini": "06-migrations",
    "rollback": "08-borrowed-database",
    "health check": "07-health-check",
    "503": "problems",
    "ETag": "16-etags",
    "non-root": "04-containerization",
    "pre-commit": "02-quality-gates",
    "database_pool_size": "settings",
}

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.xdist_group("browser"),
]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = partial(Quiet, directory=str(build_site(PROJECT)))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Gives a page of this width and scheme; one tab for each is kept."""
    tabs: dict[tuple[int, str], Page] = {}

    def open_page(path: str, width: int = 1280, scheme: Any = "light") -> Page:
        if (width, scheme) not in tabs:
            size: Any = {"width": width, "height": 800}
            tabs[width, scheme] = browser.new_page(viewport=size, color_scheme=scheme)
        tab = tabs[width, scheme]
        tab.goto(f"{address}/{path}")
        return tab

    yield open_page
    for tab in tabs.values():
        tab.close()


def _failed(request: Any) -> bool:
    return bool(request.failure != "net::ERR_ABORTED")  # the next page was asked for before it came


def paths() -> list[str]:
    site = build_site(PROJECT)
    pages = sorted(site.rglob("index.html"))
    return [page.parent.relative_to(site).as_posix().removeprefix(".") + "/" for page in pages]


def test_every_page_loads_without_an_error_and_nothing_foreign(
    browser: Browser, address: str
) -> None:
    tab, wrong = browser.new_page(), list[str]()
    tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("requestfailed", lambda request: wrong.append(request.url) if _failed(request) else None)
    tab.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "blob:", "data:"))
            else wrong.append(request.url)
        ),
    )

    for path in paths():
        tab.goto(f"{address}/{path.lstrip('/')}")
    tab.close()

    assert wrong == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_shuts_a_reader_out(opened: Callable[..., Page], width: int, scheme: str) -> None:
    found: dict[str, list[str]] = {}
    # One page of each kind: axe takes seconds for each, and longer for long ones.
    for path in ("", f"evolution/{PHASES[0].slug}/", "reference/settings/", "guides/running/"):
        tab = opened(path, width, scheme)
        for violation in (
            Axe().run(tab, options={"resultTypes": ["violations"]}).response["violations"]
        ):
            if violation["impact"] in SERIOUS:
                nodes = violation["nodes"]
                found.setdefault(violation["id"], []).append(
                    f"{path} {len(nodes)} {nodes[0]['html'][:90]}"
                )

    assert found == {}


def test_no_page_is_wider_than_a_telephone(opened: Callable[..., Page]) -> None:
    wide = {
        path: width
        for path in paths()
        if (width := opened(path.lstrip("/"), 390).evaluate("document.documentElement.scrollWidth"))
        > 390
    }

    assert wide == {}


def test_a_copy_button_takes_what_the_page_shows(opened: Callable[..., Page]) -> None:
    compared = 0
    for phase in PHASES:
        tab = opened(f"evolution/{phase.slug}/")
        copied = tab.evaluate(COPIES)
        wanted = [_copied(block.text, block.kind, block) for block in read_page(phase.page)]
        assert copied == wanted, phase.slug
        compared += len(copied)
    assert compared > 100


# What the theme puts on the clipboard, for each block that has a button.
COPIES = """() => {
  document.querySelectorAll("details").forEach((box) => { box.open = true });
  return [...document.querySelectorAll("article pre > code")].map((code) => {
    const given = code.closest("[data-copy]");
    return (given ? given.getAttribute("data-copy") : code.innerText).trimEnd();
  });
}"""


def _copied(text: str, kind: Kind, block: Any) -> str:
    if kind is Kind.TRANSCRIPT:
        text = "\n".join(command.text for command in parse(block))
    return text.rstrip()


def test_next_leads_from_the_first_chapter_to_the_last(opened: Callable[..., Page]) -> None:
    tab = opened(f"evolution/{PHASES[0].slug}/")
    for phase in PHASES[1:]:
        tab.click("a.md-footer__link--next")
        tab.wait_for_url(f"**/evolution/{phase.slug}/")


@pytest.mark.parametrize("word", SEARCHES)
def test_the_search_finds(opened: Callable[..., Page], word: str) -> None:
    tab = opened("")
    tab.locator(".md-search__input").press_sequentially(word)  # the theme listens to keys
    tab.wait_for_selector(".md-search-result__item")
    links = tab.eval_on_selector_all(
        ".md-search-result__item > a", "found => found.slice(0, 5).map((a) => a.href)"
    )

    assert any(SEARCHES[word] in link for link in links), links


def test_a_closed_drawer_is_no_stop_of_the_tab_key(opened: Callable[..., Page]) -> None:
    tab = opened("", 390)
    unseen = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        unseen.append(
            tab.evaluate("document.activeElement.closest('.md-sidebar--primary') !== null")
        )

    assert not any(unseen)


def test_only_the_chapters_that_wait_to_be_cut_are_longer_than_they_may_be(
    opened: Callable[..., Page],
) -> None:
    height = "document.querySelector('article').offsetHeight / 800"
    screens = {p.slug: opened(f"evolution/{p.slug}/").evaluate(height) for p in PHASES}

    print(screens)
    assert {slug for slug, number in screens.items() if number > MAX_SCREENS} == set(TALL)


def test_code_of_100_columns_fits_where_the_menu_is_shown(opened: Callable[..., Page]) -> None:
    tab = opened(f"evolution/{PHASES[-1].slug}/")
    columns = tab.evaluate(
        """() => Math.min(...[...document.querySelectorAll("article pre > code")]
          .filter((code) => code.offsetParent).map((code) => {
            const style = getComputedStyle(code);
            const canvas = document.createElement("canvas").getContext("2d");
            canvas.font = `${style.fontSize} ${style.fontFamily}`;
            const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
            const inner = code.clientWidth - padding;
            return Math.floor(inner / canvas.measureText("m").width);
          }))"""
    )

    assert columns >= 100
