"""Following a chapter: what comes true, and what each kind of untruth is answered with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workbook.project import Project
from workbook.replay import replay

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

type Replay = Callable[..., list[str]]


@pytest.fixture
def follow(project: Project) -> Callable[[int, str], tuple[bool, str]]:
    """Gives a chapter a text and follows it; the result and everything reported."""

    def run(number: int, text: str) -> tuple[bool, str]:
        page = next(project.evolution.glob(f"0{number}-*")) / "index.md"
        front = page.read_text(encoding="utf-8").partition("\n# ")[0]
        page.write_text(f"{front}\n# Title\n\n{text}", encoding="utf-8")
        said: list[str] = []
        good = replay(project, [page], accept=False, report=said.append)
        return good, "\n".join(said)

    return run


def test_a_chapter_that_says_the_truth_is_followed_to_its_tag(
    follow: Callable[[int, str], tuple[bool, str]],
) -> None:
    assert follow(1, START) == (True, "docs/evolution/01-start/index.md: 8 blocks hold")
    assert follow(3, END) == (True, "docs/evolution/03-end/index.md: 6 blocks hold")
