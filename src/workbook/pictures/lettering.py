"""Text that fits: how wide words are, and where a line ends."""

from dataclasses import dataclass
from itertools import groupby

from workbook.errors import WorkbookError
from workbook.pictures.style import FONT, SMALL

__all__ = ["Line", "Run", "measure", "wrap"]

# Widths in parts of the font's size. They lie above those of the usual sans-serif fonts, for
# nobody knows which one a reader has: DejaVu Sans is the widest of them.
_CLASSES = {"iljtfrI.,:;'|!()[]/ ": 0.37, "mwMW@%—": 0.95, "_-": 0.5}
_WIDTHS = {letter: width for letters, width in _CLASSES.items() for letter in letters}
_CAPITAL, _OTHER, _CODE, _BOLD = 0.72, 0.6, 0.605, 1.14


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one kind: code, which stands between backticks, or none."""

    text: str
    code: bool = False


type Line = tuple[Run, ...]
type Word = list[tuple[str, bool]]


def measure(line: Line, *, soft: bool = False, strong: bool = False) -> float:
    """Tell how wide a line is at the most, in the units of a picture."""
    size = SMALL if soft else FONT
    width = 0.0
    for run in line:
        if run.code:
            width += len(run.text) * _CODE * SMALL
        else:
            width += sum(map(_width, run.text)) * size * (_BOLD if strong else 1)
    return width


def wrap(text: str, room: float, *, soft: bool = False, strong: bool = False) -> list[Line]:
    """Break a text into lines that fit. Raises WorkbookError if one of its words doesn't."""
    lines: list[Line] = []
    code = False
    for paragraph in text.split("\n"):
        line: Word = []
        words, code = _words(paragraph, code)
        for word in words:
            longer = [*line, (" ", line[-1][1] and word[0][1]), *word] if line else word
            if line and measure(_runs(longer), soft=soft, strong=strong) > room:
                lines.append(_runs(line))
                longer = word
            line = longer
        lines.append(_runs(line))
    for each in lines:
        if (width := measure(each, soft=soft, strong=strong)) > room:
            words_ = "".join(run.text for run in each)
            raise WorkbookError(
                f"{words_!r} takes {width:.0f} units where there are {room:.0f}",
                remedy="Say it shorter, break the line, or give it more room.",
            )
    return lines


def _width(letter: str) -> float:
    return _WIDTHS.get(letter, _CAPITAL if letter.isupper() else _OTHER)


def _words(text: str, code: bool) -> tuple[list[Word], bool]:
    words: list[Word] = [[]]
    for letter in text:
        if letter == "`":
            code = not code
        elif letter == " ":
            words.append([])
        else:
            words[-1].append((letter, code))
    return [word for word in words if word], code


def _runs(word: Word) -> Line:
    return tuple(
        Run("".join(letter for letter, _ in letters), code)
        for code, letters in groupby(word, key=lambda pair: pair[1])
    )
