"""Other parsers than ours must see the same blocks."""

from pathlib import Path

import pytest

from workbook.pages.blocks import PageError, read_page
from workbook.pages.crosscheck import count_fences, crosscheck


def held(page: Path, text: str) -> int:
    page.write_text(text, encoding="utf-8")
    crosscheck(page, read_page(page))
    return count_fences(page)


def test_blocks_in_collapsed_blocks_are_counted(tmp_path: Path) -> None:
    text = (
        '```text\na\n```\n\n??? example "A"\n\n    Text.\n\n    ```text\n    b\n    ```\n\n'
        '    ~~~markdown title="README.md"\n    ```python\n    x\n    ```\n    ~~~\n\n'
        "```python\nprint(1)\n```\n"
    )

    assert held(tmp_path / "page.md", text) == 4


def test_no_block_is_no_error(tmp_path: Path) -> None:
    assert held(tmp_path / "page.md", "---\ntitle: A\n---\n\n# A\n\nText.\n") == 0


@pytest.mark.parametrize(
    ("line", "text", "what"),
    [
        (3, "Text.\n\n    indented = 1\n", "indented code"),
        (3, "# A\n\n    $ ls\n", "indented code"),
        (2, "<!--\n```python\nx\n```\n-->\n", "CommonMark doesn't see"),
        (2, "<div>\n```python\nx\n```\n</div>\n", "CommonMark doesn't see"),
        (5, '~~~markdown title="a.md"\n```\n~~~\n\n```python\nx\n```\n', "isn't paired"),
    ],
)
def test_what_parsers_see_differently_is_refused(
    tmp_path: Path, line: int, text: str, what: str
) -> None:
    page = tmp_path / "page.md"

    with pytest.raises(PageError, match=what) as caught:
        held(page, text)

    assert caught.value.place == f"{page}:{line}"
    assert caught.value.remedy


@pytest.mark.parametrize("missed", [0, 1])
def test_a_block_that_our_scanner_missed_is_found(tmp_path: Path, missed: int) -> None:
    page = tmp_path / "page.md"
    page.write_text("```text\na\n```\n\n```text\nb\n```\n", encoding="utf-8")
    blocks = list(read_page(page))
    del blocks[missed]

    with pytest.raises(PageError, match="2 blocks by CommonMark, 1 are read"):
        crosscheck(page, blocks)
