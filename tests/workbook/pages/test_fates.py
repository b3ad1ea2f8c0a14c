"""What becomes of every block, counted."""

from pathlib import Path

import pytest

from workbook.pages.blocks import PageError
from workbook.pages.fates import count_fates

PAGE = """\
```text
a picture
```

```console needs=docker
$ docker info
```

```console run=slow needs=docker
$ sleep 600
```

```console run=ci
$ uv run pytest
```

```console
$ ls
```

```python
print(1)
```

```python title="a.py::b"
x
```

```diff title="a.py"
x
```

```text title="a.txt"
x
```
"""


def test_every_block_is_counted_once_by_its_fate(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE)
    (tmp_path / "other.md").write_text("```console\n$ ls\n```\n")

    counts = count_fates([tmp_path / "page.md", tmp_path / "other.md"])

    assert list(counts.items()) == [
        ("listing", 1),
        ("edit", 1),
        ("excerpt", 1),
        ("transcript", 2),
        ("transcript, needs docker", 1),
        ("transcript, run by .ci/run alone", 1),
        ("transcript, slow", 1),
        ("example", 1),
        ("illustration", 1),
    ]


def test_a_block_that_others_see_and_we_do_not_is_no_count(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("<!--\n```text\nx\n```\n-->\n")

    with pytest.raises(PageError, match="CommonMark doesn't see"):
        count_fates([tmp_path / "page.md"])
