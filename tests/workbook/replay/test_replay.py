"""Following a chapter: what comes true, and what each kind of untruth is answered with."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.project import Project
from workbook.replay.chapter import ChapterReader
from workbook.replay.follow import Options
from workbook.replay.processes import is_running
from workbook.replay.reader import NotRunError
from workbook.replay.replay import replay
from workbook.replay.transcript_runner import ReplayError

START = """\
## Start

```console
$ git init -q .
$ mkdir src
```

```python title="src/app.py"
def greet() -> str:
    return "hello"
```

??? example "Dull files"

    ```text title=".gitignore"
    .venv/
    ```

    ```markdown title="README.md"
    # Phase 1
    ```

    ```toml title="pyproject.toml"
    [project]
    name = "small"
    ```

```console
$ python3 -c "import sys; sys.path.insert(0, 'src'); import app; print(app.greet())"
hello
$ rm -rf src/__pycache__
$ git add .
$ git commit -q -m "feat: greet"
```

```sh title="run.sh"
#!/bin/sh
echo hello
```

```console
$ ./run.sh
hello
$ python3 -c "open('logo.bin', 'wb').write(bytes(range(256)) * 4)"
$ git add .
$ git commit -m "feat: add what isn't text"
[main <hash>] feat: add what isn't text
...
```
"""
END = """\
```console
$ git switch -q -c chapter-03 phase-02-middle
$ printf 'one\\r\\nTWO\\r\\nthree\\n' >windows.txt
```

```diff title="README.md"
@@ -1 +1 @@
-# Phase 1
+# Phase 3
```

```console
$ git commit -qam "[docs] say über-greeting"
```

```python title="src/app.py::greet"
def greet(name: str) -> str:
    return f"hello, {name}"
```

```diff title="src/app.py"
@@ -1,2 +1,2 @@
 def greet(name: str) -> str:
-    return f"hello, {name}"
+    return f"HELLO, {name}"
```

```console
$ touch src/empty.py
$ git add .
$ git commit -q -m "feat: greet louder"
```
"""

type Follow = Callable[..., tuple[bool, str]]
FIRST = "docs/evolution/01-start/index.md"


def line_of(text: str) -> int:
    """Where a line of START stands in the chapter: front matter and title are ten lines."""
    return START.split("\n").index(text) + 11


@pytest.fixture
def follow(project: Project) -> Follow:
    """Gives a chapter a text and follows it; the result and everything reported."""

    def run(number: int, text: str, **options: bool) -> tuple[bool, str]:
        page = next(project.evolution.glob(f"0{number}-*")) / "index.md"
        front = page.read_text(encoding="utf-8").partition("\n# ")[0]
        page.write_text(f"{front}\n# Title\n\n{text}", encoding="utf-8")
        said: list[str] = []
        (result,) = replay(project, [page], Options(**options), said.append)
        return result.good, "\n".join(said)

    return run


def test_a_chapter_that_says_the_truth_is_followed_to_its_tag(follow: Follow) -> None:
    assert follow(1, START) == (True, f"{FIRST}: 8 blocks hold")
    assert follow(3, END) == (True, "docs/evolution/03-end/index.md: 6 blocks hold")


@pytest.mark.parametrize(
    ("truth", "untruth", "line", "says"),
    [
        ('"hello"', '"hallo"', '```python title="src/app.py"', "workbook dev fill"),
        ("# Phase 1", "# Phase 2", '    ```markdown title="README.md"', "workbook dev fill"),
        ("src/app.py", "src/nowhere.py", '```python title="src/app.py"', "has no file"),
        ("\nhello\n$ rm", "\nhallo\n$ rm", START.split("\n")[28], "-hallo"),
        ("$ ./run.sh\nhello", "$ ./run.sh", "$ ./run.sh", "+hello"),
        ("$ mkdir src", "$ mkdir src; (exit 3)", "$ mkdir src", "status 3, not 0"),
        ("feat: greet", "feat: meet", "$ git add .", "step 1 is “feat: greet”"),
        ("print(app.greet())", "print(app.greet()); 1/0", START.split("\n")[28], "status 1"),
    ],
)
def test_an_untruth_is_told_with_its_line_and_stops_the_chapter(
    follow: Follow, truth: str, untruth: str, line: str, says: str
) -> None:
    assert truth in START

    good, said = follow(1, START.replace(truth, untruth, 1))

    assert not good
    assert says in said
    assert re.match(rf"{re.escape(FIRST)}:\d+: ", said)
    assert "the later ones are not reached" in said


def test_the_line_of_a_changed_listing_is_named(follow: Follow) -> None:
    _, said = follow(1, START.replace('"hello"', '"hallo"'))

    page_line = line_of('```python title="src/app.py"')
    assert said.startswith(f"{FIRST}:{page_line}: the listing of src/app.py isn't what is there")
    assert '    | -    return "hallo"\n    | +    return "hello"' in said


def test_a_command_that_fails_as_the_page_says_is_right(follow: Follow) -> None:
    failing = "```console exit=3\n$ true\n$ (exit 3)\n```\n\n"

    assert follow(1, failing + START)[0]
    assert "status 0, not 3" in follow(1, failing.replace("(exit 3)", "true") + START)[1]


def test_a_chapter_whose_blocks_do_not_add_up_to_the_step_is_told_what_is_missing(
    follow: Follow,
) -> None:
    _, said = follow(1, START.replace("$ mkdir src\n", "$ mkdir src\n$ echo x >extra.txt\n"))

    assert "extra.txt isn't what step 1 (“feat: greet”) holds: mode absent there" in said


def test_a_file_mode_that_differs_is_told(follow: Follow) -> None:
    _, said = follow(1, START.replace("$ ./run.sh", "$ ./run.sh; chmod -x run.sh"))

    assert "run.sh isn't what step 2" in said
    assert "mode 100755 there, 100644 here" in said


def test_a_chapter_that_ends_before_its_last_step_is_told_so(follow: Follow) -> None:
    good, said = follow(1, START[: START.index("```sh title")])

    assert not good
    assert "the chapter ends before step 2 (“feat: add what isn't text”)" in said


def test_a_chapter_that_leaves_a_change_behind_is_told_so(follow: Follow) -> None:
    good, said = follow(1, START + "\n```console\n$ echo more >>README.md\n```\n")

    assert not good
    assert "leaves changes that no step commits" in said
    assert "README.md" in said


def test_an_edit_that_does_not_apply_is_told_with_git_s_words(follow: Follow) -> None:
    changed = END.replace("$ printf", "$ echo other >README.md\n$ printf", 1)

    good, said = follow(3, changed)

    assert not good
    assert "the edit doesn't apply" in said
    assert "README.md" in said


def test_what_comes_is_accepted_into_the_page(follow: Follow, project: Project) -> None:
    wrong = START.replace("\nhello\n$ rm", "\n$ rm").replace("[main <hash>]", "[main wrong]")

    assert follow(1, wrong, accept=True) == (True, f"{FIRST}: 8 blocks hold")

    page = project.root / FIRST
    # One commit id in 27 has no letter, and is taken for a number.
    came = re.sub(r"\[main \d{7}\]", "[main <hash>]", page.read_text(encoding="utf-8"))
    assert came.endswith(START)
    assert follow(1, START)[0]


def test_an_end_that_was_not_said_is_never_accepted(follow: Follow) -> None:
    good, said = follow(1, START.replace("$ mkdir src", "$ (exit 3)"), accept=True)

    assert not good
    assert "status 3, not 0" in said


@pytest.mark.parametrize("then", ["", "\n```console\n$ false\n```\n"])
def test_a_server_is_stopped_at_the_end_even_after_a_failure(
    follow: Follow, tmp_path: Path, then: str
) -> None:
    told = tmp_path / "told"
    command = f"(echo $BASHPID $WORKBOOK_SANDBOX >{told}; echo up; exec sleep 600) &"
    server = f"```console\n$ {command}\nup\n```\n"

    follow(1, START + "\n" + server + then)

    number, sandbox = told.read_text().split()
    assert not is_running(int(number))
    assert not Path(sandbox).exists()


def test_ctrl_c_leaves_nothing_behind(project: Project, tmp_path: Path, follow: Follow) -> None:
    told, ready = tmp_path / "told", tmp_path / "ready"
    command = f"(echo $BASHPID $WORKBOOK_SANDBOX >{told}; touch {ready}; exec sleep 600)"
    follow(1, f"```console\n$ (exit 3)\n$ {command}\n```\n")
    page = project.root / FIRST
    page.write_text(page.read_text().replace("$ (exit 3)\n", ""))
    script = "import sys; from workbook.cli import main; sys.exit(main(['replay', '1']))"
    replaying = subprocess.Popen([sys.executable, "-c", script], cwd=project.root)
    while not ready.exists():
        assert replaying.poll() is None
        time.sleep(0.01)

    replaying.send_signal(signal.SIGINT)

    assert replaying.wait() == 130
    number, sandbox = told.read_text().split()
    assert not is_running(int(number))
    assert not Path(sandbox).exists()


def test_a_command_that_hangs_is_ended_by_its_limit(project: Project, follow: Follow) -> None:
    follow(1, "```console\n$ (exit 3)\n$ echo before; sleep 600\n```\n")
    page = project.root / FIRST
    page.write_text(page.read_text().replace("$ (exit 3)\n", "$ true\n"))
    phases = load_phases(project)

    with ChapterReader(build(project, phases), phases[0], limit=2) as reader:
        with pytest.raises(ReplayError, match="came to no end within 2 s") as caught:
            reader.reach(0)
        with pytest.raises(NotRunError, match="not reached"):
            reader.end()

    assert str(caught.value).startswith(f"{FIRST}:13: `echo before; sleep 600` came to")
    assert "    | before" in str(caught.value)


def test_two_sessions_at_once_do_not_meet(project: Project, follow: Follow) -> None:
    server = (
        "\n```console\n$ python3 -um http.server --bind 127.0.0.1 8000 &\n"
        "Serving HTTP on 127.0.0.1 port 8000 ...\n```\n"
        "\n```console\n$ curl -s http://127.0.0.1:8000/README.md\n# Phase 1\n```\n"
    )
    assert follow(1, START + server) == (True, f"{FIRST}: 10 blocks hold")
    phases = load_phases(project)
    history = build(project, phases)

    with ChapterReader(history, phases[0]) as one, ChapterReader(history, phases[0]) as two:
        for number in range(len(one.blocks)):
            one.reach(number)
            two.reach(number)
        one.end()
        two.end()


def test_a_block_is_reached_through_those_before_it(project: Project, follow: Follow) -> None:
    follow(1, START)
    phases = load_phases(project)

    with ChapterReader(build(project, phases), phases[0]) as reader:
        reader.reach(5)

        assert (reader.top() / "README.md").read_text() == "# Phase 1\n"


def test_what_is_not_run_is_reported_and_not_counted(
    follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbook.replay.reader.engine_answers", lambda: False)
    text = START + "\n```console needs=docker\n$ false\n```\n\n```console run=ci\n$ false\n```\n"

    good, said = follow(1, text)

    assert good
    assert said.splitlines()[-1] == f"{FIRST}: 8 blocks hold, 2 not run"
    assert "not run: no container engine answers `docker info`" in said
    assert "not run here: `.ci/run` runs it" in said


SLOW = "\n```console run=slow\n$ echo counted to a million\ncounted to a {}\n```\n"


def test_a_slow_block_is_not_run_and_reported_by_its_line(follow: Follow) -> None:
    good, said = follow(1, START + SLOW.format("billion"))

    assert good
    line = START.count("\n") + 12
    assert said.splitlines() == [
        f"{FIRST}:{line}: not run here, because it is slow: `workbook replay --slow` runs it",
        f"{FIRST}: 8 blocks hold, 1 not run",
    ]


def test_a_replay_of_slow_blocks_runs_them_where_they_stand(follow: Follow) -> None:
    with_state = SLOW.replace("echo", "test -x run.sh && echo")

    assert follow(1, START + with_state.format("million"), slow=True) == (
        True,
        f"{FIRST}: 9 blocks hold",
    )
    good, said = follow(1, START + SLOW.format("billion"), slow=True)
    assert not good
    assert "-counted to a billion" in said


def test_a_step_cannot_end_in_a_block_that_is_not_always_run(follow: Follow) -> None:
    good, said = follow(1, START.replace("```console\n$ ./run", "```console run=slow\n$ ./run"))

    assert not good
    assert "a commit in a transcript that isn't always run" in said


def test_a_page_without_a_phase_is_followed_in_a_clone_of_the_project(
    project: Project,
) -> None:
    page = project.docs / "guide.md"
    page.write_text(
        '# Guide\n\n```python title="src/app.py::greet"\n'
        'def greet(name: str) -> str:\n    return f"HELLO, {name}"\n```\n\n'
        '```text title="new/file.txt"\nnew\n```\n\n'
        "```console\n$ cat new/file.txt\nnew\n$ git status --porcelain\n?? new/\n"
        "$ git branch --show-current\nmain\n```\n"
    )
    said: list[str] = []

    replay(project, [page], Options(), said.append)

    assert said == ["docs/guide.md: 3 blocks hold"]
    assert not (project.root / "new").exists()
