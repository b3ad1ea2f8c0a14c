"""Every block of every page comes true, in the order in which a reader meets it."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from workbook.errors import WorkbookError
from workbook.pages.blocks import Block, Kind, PageError, read_page
from workbook.pages.crosscheck import count_fences, crosscheck
from workbook.pages.fill import all_pages
from workbook.pages.transcript import parse
from workbook.project import Project
from workbook.replay.follow import reader_for
from workbook.replay.reader import NotRunError, Reader
from workbook.replay.records import Attempt, Record

PROJECT = Project.find(Path(__file__).parent)
PAGES = all_pages(PROJECT)


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that is followed, or the green replay because of which it needn't be."""

    attempt: Attempt
    reader: Reader | Record


type Follow = Callable[[Path], Visit]


def _name(page: Path) -> str:
    return PROJECT.place(page)


def _blocks(page: Path) -> tuple[Block, ...]:
    try:
        return read_page(page)
    except PageError:  # the page's own test says what is wrong
        return ()


def _items() -> Iterator[object]:
    for page in PAGES:
        blocks = _blocks(page)
        for number, block in enumerate(blocks):
            name = f"{block.place} {block.kind}"
            yield pytest.param(page, number, id=name)
        if blocks or page.is_relative_to(PROJECT.evolution):  # an empty chapter reaches no tag
            yield pytest.param(page, None, id=f"{_name(page)} end")


@pytest.fixture(scope="session")
def follow(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str, pytestconfig: pytest.Config
) -> Iterator[Follow]:
    """Gives the reader that follows a page; that of another page is closed before."""
    current: dict[Path, Visit] = {}
    fresh, slow = pytestconfig.getoption("fresh"), pytestconfig.getoption("slow")
    no_sandbox: set[Path] = set()
    run = tmp_path_factory.getbasetemp()
    followed = (run if worker_id == "master" else run.parent) / "followed"
    followed.mkdir(exist_ok=True)
    with ExitStack() as sandboxes:

        def visit(page: Path) -> Visit:
            if page in no_sandbox:
                raise NotRunError("not reached: the page got no sandbox")
            if page not in current:
                # The blocks of a page depend on each other: two processes would each run them all.
                (followed / _name(page).replace("/", "-")).touch(exist_ok=False)
                current.clear()
                sandboxes.close()
                attempt = Attempt(PROJECT, page, slow=slow)
                reader: Reader | Record | None = attempt.earlier(fresh=fresh)
                if reader is None:
                    no_sandbox.add(page)
                    reader = sandboxes.enter_context(reader_for(PROJECT, page, slow=slow))
                    no_sandbox.discard(page)
                current[page] = Visit(attempt, reader)
            return current[page]

        yield visit


@pytest.mark.parametrize(("page", "number"), list(_items()))
def test_a_page_comes_true(follow: Follow, page: Path, number: int | None) -> None:
    reader = None
    try:
        visit = follow(page)
        reader = visit.reader
        if isinstance(reader, Record):
            place = "" if number is None else _blocks(page)[number].place
            pytest.skip(reader.reason(place))
        if number is not None:
            reader.reach(number)
        else:
            reader.end()
            visit.attempt.keep(reader)
    except NotRunError as reason:
        pytest.skip(str(reason))
    except WorkbookError as error:  # says where, what and what to do: a traceback adds nothing
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    finally:
        if number is None and isinstance(
            reader, Reader
        ):  # a sandbox holds a folder, ports and containers
            reader.__exit__()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_block_of_a_page_escapes(page: Path) -> None:
    blocks = read_page(page)

    assert len(blocks) == count_fences(page)
    crosscheck(page, blocks)


def test_every_chapter_is_there() -> None:
    chapters = {page.parent for page in PROJECT.evolution.glob("*/index.md")}

    assert {page.parent for page in PAGES if page.is_relative_to(PROJECT.evolution)} == chapters
    assert PROJECT.root / "README.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_what_a_page_leaves_to_ci_stands_in_its_script(page: Path) -> None:
    script = (PROJECT.root / ".ci" / "run").read_text(encoding="utf-8")
    lines = {line.strip() for line in script.splitlines()}

    left = [block for block in read_page(page) if block.options.get("run") == "ci"]
    commands = {command.text for block in left for command in parse(block)}
    assert commands <= lines


def test_what_needs_a_container_engine_says_so() -> None:
    docker = re.compile(r"\bdocker (?!info)")

    silent = [
        block.place
        for page in PAGES
        for block in _blocks(page)
        if block.kind is Kind.TRANSCRIPT and "needs" not in block.options
        if block.options.get("run") != "ci"
        if any(docker.search(command.text) for command in parse(block))
    ]
    assert silent == []


def test_no_page_leaves_a_container_behind() -> None:
    commands = [
        command
        for page in PAGES
        for block in _blocks(page)
        if block.kind is Kind.TRANSCRIPT and block.options.get("run") != "ci"
        for command in parse(block)
    ]

    started = [command for command in commands if re.search(r"\bdocker run\b", command.text)]
    assert started
    assert [command for command in started if " --rm " not in command.text] == []
