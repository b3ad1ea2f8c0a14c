"""Two locks differ in packages and settings, said in a few lines."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from workbook.history.save import save
from workbook.pages.blocks import read_page
from workbook.project import Project
from workbook.replay.edits import hold
from workbook.replay.follow import Options
from workbook.replay.locks import lock_difference, quote_locks
from workbook.replay.replay import replay
from workbook.replay.transcript_runner import ReplayError

ROOT = Path(__file__).parents[3]
INDEX = "https://index.example/simple"


def package(name: str, version: str, *files: str, index: str = INDEX, needs: str = "") -> str:
    wheels = "".join(
        f'    {{ url = "{index}/{name}-{file}.whl", hash = "sha256:{file}" }},\n' for file in files
    )
    dependencies = f'dependencies = [\n    {{ name = "{needs}" }},\n]\n' if needs else ""
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
        f'source = {{ registry = "{index}" }}\n{dependencies}wheels = [\n{wheels}]\n\n'
    )


def lock(*packages: str, until: str = "2026-11-20T00:00:00Z") -> str:
    head = 'version = 1\nrevision = 5\nrequires-python = ">=3.13"\n'
    return f'{head}\n[options]\nexclude-newer = "{until}"\n\n' + "".join(packages)


@pytest.mark.parametrize(
    ("there", "here", "lines"),
    [
        (
            lock(package("pyyaml", "6.0.3", "a")),
            lock(package("pyyaml", "6.0.4", "b")),
            ["pyyaml 6.0.3 there, 6.0.4 here"],
        ),
        (
            lock(package("sniffio", "1.3.1", "a")),
            lock(),
            ["sniffio 1.3.1 there, none here"],
        ),
        (
            lock(package("numpy", "1.0", "a")),
            lock(package("numpy", "1.0", "a"), package("numpy", "2.0", "b")),
            ["numpy 1.0 there, 1.0 and 2.0 here"],
        ),
        (
            lock(package("greenlet", "3.3.0", "a")),
            lock(package("greenlet", "3.3.0", "a", "b")),
            ["greenlet 3.3.0: other files (1 there, 2 here)"],
        ),
        (
            lock(package("anyio", "4.16.0", "a", needs="idna")),
            lock(package("anyio", "4.16.0", "a", needs="sniffio")),
            ["anyio 4.16.0: other requirements"],
        ),
        (
            lock(package("idna", "3", "a"), package("anyio", "4", "b")),
            lock(
                package("idna", "3", "a", index="https://mirror.example"),
                package("anyio", "4", "b", index="https://mirror.example"),
            ),
            ["another source of anyio and 1 more"],
        ),
        (
            lock(),
            lock(until="2026-11-21T00:00:00Z"),
            ["options: exclude-newer 2026-11-20T00:00:00Z there, 2026-11-21T00:00:00Z here"],
        ),
        (
            lock(),
            lock().replace(">=3.13", ">=3.14").replace("revision = 5\n", ""),
            ["requires-python >=3.13 there, >=3.14 here", "revision 5 there, none here"],
        ),
        (
            lock(),
            lock().replace("revision = 5\n", 'revision = 5\nresolution-markers = ["x"]\n'),
            ["another resolution-markers"],
        ),
    ],
)
def test_what_differs_is_named(there: str, here: str, lines: Sequence[str]) -> None:
    assert lock_difference(there, here) == lines


def test_of_many_differences_eight_are_shown_and_the_others_counted() -> None:
    there = lock(*(package(f"p{number:02}", "1", "a") for number in range(20)))
    here = lock(*(package(f"p{number:02}", "2", "b") for number in range(20)))

    said = lock_difference(there, here)

    assert said == [*(f"p{n:02} 1 there, 2 here" for n in range(8)), "… and 12 more"]


@pytest.mark.parametrize("text", ["", "no TOML", 'name = "a table, and no lock"\n'])
def test_what_is_no_lock_has_no_packages_to_name(text: str) -> None:
    assert lock_difference(text, lock()) == []
    assert lock_difference(lock(), text.encode()) == []


def test_only_a_file_named_uv_lock_is_read_as_one() -> None:
    there, here = lock(package("idna", "3", "a")), lock(package("idna", "4", "b"))

    assert quote_locks("examples/shop/uv.lock", there, here) == "    | idna 3 there, 4 here"
    assert quote_locks("uv.lock.txt", there, here) == ""


def test_uv_s_own_lock_is_understood() -> None:
    mine = (ROOT / "uv.lock").read_text(encoding="utf-8")

    said = lock_difference(mine, mine.replace('name = "alembic"', 'name = "elembic"', 1))

    assert said[0].startswith("alembic 1.")
    assert [line.split()[0] for line in said] == ["alembic", "elembic"]
    assert lock_difference(mine, mine + "\n# a remark\n") == []


def test_a_shown_lock_that_is_wrong_is_told_by_its_packages(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f'```toml title="uv.lock"\n{lock(package("idna", "3", "a"))}```\n')
    (block,) = read_page(page)

    with pytest.raises(ReplayError, match=r"isn't what is there\n    \| idna 4 there, 3 here\n"):
        hold(block, lock(package("idna", "4", "b")))


def test_a_chapter_whose_lock_differs_is_told_the_packages_and_the_way_on(
    project: Project,
    evolution: Path,
    commit_step: Callable[..., str],
    write_chapter: Callable[..., Path],
) -> None:
    page = write_chapter(project.root, "04-lock", "2026-11-23")
    commit_step(project.root, None, "docs: outline a chapter")
    wanted = lock(package("idna", "3", *"abcdefgh"))
    commit_step(evolution, "04-lock", "build: lock", files={"tools/uv.lock": wanted.encode()})
    save(project, "evolution")
    mine = lock(package("idna", "4", *"stuvwxyz"))
    typed = "".join(f"> {line}\n" for line in mine.splitlines())
    front = page.read_text(encoding="utf-8").partition("\n# ")[0]
    page.write_text(
        f"{front}\n# Title\n\n```console\n$ mkdir tools\n"
        f"$ cat >tools/uv.lock <<'END'\n{typed}> END\n"
        '$ git add .\n$ git commit -q -m "build: lock"\n```\n',
        encoding="utf-8",
    )
    said: list[str] = []

    assert not all(
        result.good for result in replay(project, [page], Options(fresh=True), said.append)
    )

    assert "tools/uv.lock isn't what step 1 (“build: lock”) holds" in said[0]
    assert "    | idna 3 there, 4 here\n" in said[0]
    assert "`git restore --source=steps/4.1 -- tools/uv.lock`, then `uv sync --locked`" in said[0]
    assert "sha256" not in said[0]
    assert len(said[0].splitlines()) < 10
