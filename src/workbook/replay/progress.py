"""What is under way in a replay: a live table on a terminal, a line for each page elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from workbook.replay.follow import Position

__all__ = ["Progress"]


class Progress:
    """A context manager that shows which pages are being followed, and where each is."""

    def __init__(self, console: Console, pages: int) -> None:
        """Show it on `console`; `pages` is how many there are in all."""
        self._console = console
        self._pages = pages
        self._done = 0
        self._begun: dict[str, float] = {}
        self._positions: dict[str, Position] = {}
        self._live = Live(console=console, get_renderable=self.render, transient=True)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._show()
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        self._live.stop()

    def tell(self, position: Position) -> None:
        """Show where a page is now."""
        if position.page not in self._begun:
            self._begun[position.page] = time.monotonic()
            if not self._console.is_terminal and self._pages > 1:
                line = f"{position.page}: following its {position.count} blocks"
                self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        self._positions[position.page] = position

    @contextmanager
    def pause(self, page: str) -> Iterator[None]:
        """Count the page as done, and leave the terminal to a report of it."""
        self._done += 1
        self._positions.pop(page, None)
        self._live.stop()
        yield
        self._show()

    def render(self) -> Group:
        """A row for each page that is being followed, and how many are done."""
        table = Table.grid(padding=(0, 2))
        for page, position in self._positions.items():
            at = f"{position.number + 1}/{position.count}"
            seconds = f"{time.monotonic() - self._begun[page]:.0f} s"
            table.add_row(position.place, position.kind, at, seconds)
        return Group(table, Text(f"{self._done} of {self._pages} pages done"))

    def _show(self) -> None:
        if self._console.is_terminal:
            self._live.start()
