"""A named piece of a Python file."""

import pytest

from workbook.pages.symbols import find_symbol

SOURCE = '''\
import functools

LIMIT = 3
NAMES: list[str] = [
    "a",
]
type Name = str


@functools.cache
def plain() -> int:
    return 1


class Kept:
    """A class."""

    size: int = 1

    @property
    def value(self) -> int:
        async def inner() -> None: ...

        return 2


async def waits() -> None: ...
'''


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        ("LIMIT", "LIMIT = 3\n"),
        ("NAMES", 'NAMES: list[str] = [\n    "a",\n]\n'),
        ("Name", "type Name = str\n"),
        ("plain", "@functools.cache\ndef plain() -> int:\n    return 1\n"),
        ("Kept.size", "size: int = 1\n"),
        ("waits", "async def waits() -> None: ...\n"),
        ("Kept.value.inner", "async def inner() -> None: ...\n"),
    ],
)
def test_a_symbol_is_found(symbol: str, text: str) -> None:
    assert find_symbol(SOURCE, symbol) == text


def test_a_method_is_dedented_with_its_decorators() -> None:
    text = find_symbol(SOURCE, "Kept.value") or ""

    assert text.startswith("@property\ndef value(self) -> int:\n    async def")
    assert text.endswith("\n\n    return 2\n")


def test_a_function_is_shown_and_not_its_overloads() -> None:
    assert find_symbol("def f(): ...\ndef f(a): ...\ndef f(b):\n    return 1\n", "f") == (
        "def f(b):\n    return 1\n"
    )


@pytest.mark.parametrize("symbol", ["nothing", "plain.x", "Kept.nothing", "functools", "a.b"])
def test_what_is_not_there_is_none(symbol: str) -> None:
    assert find_symbol(SOURCE, symbol) is None


def test_what_is_no_python_has_no_symbols() -> None:
    assert find_symbol("FROM python\n", "FROM") is None
