from pathlib import Path

import pytest

from workbook.history.phases import load_phases
from workbook.pages.limits import Amount, exceeded, measure
from workbook.project import Project

PROJECT = Project.find(Path(__file__).parent)
CHAPTERS = {phase.slug: phase.page for phase in load_phases(PROJECT)}
PAGE = """---
title: not counted
---
# Two words

We don't count code.

```python title="a.py"
one
two
```

```diff title="b.py"
--- a/b.py
+++ b/b.py
@@ -1 +1,2 @@
-old
+new
+newer
```

```console
$ git commit --quiet --all --message "feat: show nothing"
```

```python title="c.py"
one
```

```console
$ python c.py
```

```python title="d.py"
one
```
"""


@pytest.mark.parametrize("chapter", sorted(CHAPTERS))
def test_a_chapter_asks_no_more_than_it_may(chapter: str) -> None:
    assert exceeded(measure(CHAPTERS[chapter])) == {}


def test_words_typed_lines_and_blind_stretches_are_counted(tmp_path: Path) -> None:
    page = tmp_path / "index.md"
    page.write_text(PAGE, encoding="utf-8")

    amount = measure(page)

    assert amount == Amount(words=6, typed=6, listings=4, longest=2, blind=5)


def test_a_picture_ends_a_blind_stretch(tmp_path: Path) -> None:
    page = tmp_path / "index.md"
    page.write_text(PAGE.replace("```diff", "![Seen](a.svg)\n\n```diff"), encoding="utf-8")

    assert measure(page).blind == 3


def test_what_is_beyond_a_limit_is_named_with_the_limit() -> None:
    amount = Amount(words=2500, typed=251, listings=10, longest=40, blind=60)

    assert exceeded(amount) == {"typed": (251, 250)}
