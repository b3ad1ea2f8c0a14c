"""The grammar of a page: what is read, and what is refused with its line and a remedy."""

import re
from pathlib import Path

import pytest

from workbook.pages.blocks import Block, Kind, PageError, read_page, rewrite

WHOLE = """\
---
title: A page
---

# A page

Text with `code` and ``two ticks``.

```python title="src/a.py"
def a() -> None: ...

def b() -> None: ...
```

??? example "Dull"

    ~~~markdown title="README.md"
    # Title

    ```console
    $ ls
    ```
    ~~~

    Some text.

    ```diff title="b.txt"
    @@ -1 +1 @@
    -a
    +b
    ```

```python title="src/a.py::A.b"
x
```

```console exit=1 needs=docker
$ false
```

```python
print(1)
#> 1
```

```text
anything
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.md"


def read(page: Path, text: str, *, unfilled: bool = False) -> tuple[Block, ...]:
    page.write_text(text, encoding="utf-8")
    return read_page(page, unfilled=unfilled)


def test_every_kind_of_block_is_read_with_its_line(page: Path) -> None:
    blocks = read(page, WHOLE)

    assert [(block.kind, block.line) for block in blocks] == [
        (Kind.LISTING, 9),
        (Kind.LISTING, 17),
        (Kind.EDIT, 27),
        (Kind.EXCERPT, 33),
        (Kind.TRANSCRIPT, 37),
        (Kind.EXAMPLE, 41),
        (Kind.ILLUSTRATION, 46),
    ]


def test_a_block_holds_its_text_without_indent(page: Path) -> None:
    blocks = read(page, WHOLE)

    assert blocks[0].text == "def a() -> None: ...\n\ndef b() -> None: ...\n"
    assert blocks[1].text == "# Title\n\n```console\n$ ls\n```\n"
    assert (blocks[1].indent, blocks[1].fence, blocks[1].title) == (4, "~~~", "README.md")


def test_options_are_read_apart_from_the_title(page: Path) -> None:
    blocks = read(page, WHOLE)

    assert blocks[4].options == {"exit": "1", "needs": "docker"}
    assert blocks[0].options == {}


@pytest.mark.parametrize(
    ("line", "text", "what"),
    [
        (1, "```bash\n$ ls\n```\n", "no kind of block is ```bash"),
        (1, '```console title="x"\n$ ls\n```\n', "no kind of block"),
        (1, "```diff\n-a\n```\n", "no kind of block is ```diff"),
        (1, "```pycon\n>>> 1\n```\n", "no kind of block is ```pycon"),
        (1, "```\ntext\n```\n", "no language"),
        (1, "```{ .python }\nx\n```\n", "no language"),
        (1, "``` { .python }\nx\n```\n", "no language"),
        (1, "```{.python}\nx\n```\n", "no language"),
        (1, "```Python\nx\n```\n", "no language"),
        (1, "```python linenums=1\nx\n```\n", "no option linenums=1"),
        (1, "```python exit=1\nx\n```\n", "an? example has no option exit=1"),
        (1, "```console exit=no\n$ ls\n```\n", "no option exit=no"),
        (1, "```console run=later\n$ ls\n```\n", "no option run=later"),
        (1, '```text title="a" title="b"\nx\n```\n', "title= stands here twice"),
        (3, "# A\n\n````python\nx\n````\n", "more than three backticks"),
        (1, "~~~~text\nx\n~~~~\n", "more than three tildes"),
        (1, "~~~python\nx\n~~~\n", "pytest-examples doesn't see it"),
        (1, "~~~console\n$ ls\n~~~\n", "pytest-examples doesn't see it"),
        (1, "> ```python\n> x\n> ```\n", "pytest-examples would skip it"),
        (1, "- ```python\n  x\n  ```\n", "pytest-examples would skip it"),
        (1, "1. ```python\n   x\n   ```\n", "pytest-examples would skip it"),
        (3, "- item\n\n  ```python\n  x\n  ```\n", "an indented fence"),
        (3, "Text\n\n    ```python\n    x\n    ```\n", "an indented fence"),
        (1, "\t```python\n\tx\n\t```\n", "behind a tab"),
        (2, '??? example "A"\n    ```python\n    x\n    ```\n', "after an empty line"),
        (1, "```three``` ticks in a line\n", "are no fence"),
        (1, "```python\n```\n", "the block is empty"),
        (1, '```python title="a.py"\n\n```\n', "the block is empty"),
        (3, "A\n\n```python\nx\n", "the block has no end"),
        (3, "```python\nx = 1\n ```\n", "a closing fence that isn't indented"),
        (2, "```python\nx = '```'\n```\n", "within a block"),
    ],
)
def test_what_has_no_fate_is_refused_with_its_line_and_a_remedy(
    page: Path, line: int, text: str, what: str
) -> None:
    with pytest.raises(PageError, match=what) as caught:
        read(page, text)

    assert caught.value.place == f"{page}:{line}"
    assert caught.value.remedy


def test_an_unfilled_listing_is_read_for_refresh_only(page: Path) -> None:
    text = '```python title="a.py"\n```\n\n```diff title="b"\n```\n'

    assert [block.text for block in read(page, text, unfilled=True)] == ["", ""]
    with pytest.raises(PageError, match="empty") as caught:
        read(page, text)
    assert "workbook dev fill" in str(caught.value)


def test_an_empty_example_is_refused_even_for_refresh(page: Path) -> None:
    with pytest.raises(PageError, match="empty"):
        read(page, "```python\n```\n", unfilled=True)


def test_a_place_is_relative_to_the_project(tmp_path: Path) -> None:
    (tmp_path / "docs" / "evolution").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").touch()

    block = read(tmp_path / "docs" / "page.md", "# A\n\n```text\nx\n```\n")[0]

    assert block.place == "docs/page.md:3"


def test_a_rewritten_block_leaves_the_rest_of_the_page(page: Path) -> None:
    blocks = read(page, WHOLE)

    rewrite(blocks[2], "@@ -1 +1,2 @@\n-a\n+b\n\n")

    text = page.read_text(encoding="utf-8")
    assert text == WHOLE.replace(
        "    @@ -1 +1 @@\n    -a\n    +b\n", "    @@ -1 +1,2 @@\n    -a\n    +b\n\n"
    )


def test_a_rewritten_block_gets_the_fence_that_its_text_needs(page: Path) -> None:
    blocks = read(page, WHOLE)

    rewrite(blocks[0], "```console\n$ ls\n```\n")
    assert read_page(page)[0].fence == "~~~"
    rewrite(read_page(page)[0], "plain\n")

    assert read_page(page)[0].fence == "```"
    assert [block.kind for block in read_page(page)] == [block.kind for block in blocks]


def test_a_text_that_no_fence_can_hold_is_refused(page: Path) -> None:
    block = read(page, WHOLE)[0]

    with pytest.raises(PageError, match=re.escape("both ``` and ~~~")):
        rewrite(block, "```\n~~~\n")
    assert page.read_text(encoding="utf-8") == WHOLE
